using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Tests.Links;

public sealed class DagLinksTests
{
    private static readonly Cid _leaf = Cid.Compute(Multicodec.Raw, [1]);

    [Fact]
    public void A_dag_pb_block_gives_its_links_in_order_and_with_repetitions()
    {
        Cid other = Cid.Compute(Multicodec.Raw, [2]);
        byte[] block = new DagPbNode([new(_leaf, "", 1), new(other, "", 1), new(_leaf, "", 1)], null).ToByteArray();
        Assert.Equal([_leaf, other, _leaf], DagLinks.Read(Cid.Compute(Multicodec.DagPb, block), block));
        Assert.Equal([_leaf, other, _leaf], DagLinks.Read(Cid.Compute(Multicodec.DagPb, block).ToV0(), block));
    }

    [Fact]
    public void A_dag_pb_name_that_is_no_text_does_not_hinder_a_walk()
    {
        byte[] block = Convert.FromHexString("120e" + "0a09" + "01550005" + "0001020304" + "1201ff");
        Assert.Single(DagLinks.Read(Cid.Compute(Multicodec.DagPb, block), block));
    }

    [Theory]
    [InlineData(Multicodec.Raw)]
    [InlineData(Multicodec.Cbor)]
    [InlineData(Multicodec.Json)]
    public void Leaves_have_no_links(ulong codec)
    {
        Assert.True(DagLinks.IsSupported(codec));
        Assert.Empty(DagLinks.Read(Cid.Compute(codec, [1]), new byte[] { 1 }));
    }

    [Theory]
    [InlineData(Multicodec.Libp2pKey)]
    [InlineData(Multicodec.GitRaw)]
    [InlineData(Multicodec.DagJose)]
    public void A_codec_that_is_not_known_is_an_error_that_names_it_and_the_block(ulong codec)
    {
        Assert.False(DagLinks.IsSupported(codec));
        Cid cid = Cid.Compute(codec, [1]);
        DagException error = Assert.Throws<DagException>(() => DagLinks.Read(cid, new byte[] { 1 }));
        Assert.Equal(DagErrorIds.UnsupportedCodec, error.ErrorId);
        Assert.Equal(cid, error.Cid);
        Assert.Contains(cid.ToString(), error.Message);
        Assert.Contains(cid.CodecName, error.Message);
    }

    [Fact]
    public void The_links_of_an_identity_cid_are_in_the_cid()
    {
        byte[] block = new DagPbNode([new(_leaf, "a", 1)], null).ToByteArray();
        Cid cid = Cid.Compute(Multicodec.DagPb, block, MultihashCode.Identity);
        Assert.Equal([_leaf], DagLinks.Read(cid, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void A_nesting_out_of_range_is_refused(int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagLimits { MaxNesting = value });

    [Theory]
    [InlineData(0)]
    [InlineData((1 << 24) + 1)]
    public void A_number_of_links_out_of_range_is_refused(int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagLimits { MaxLinks = value });

    [Theory]
    [InlineData(0)]
    [InlineData((1 << 30) + 1)]
    public void A_block_size_out_of_range_is_refused(int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagLimits { MaxBlockSize = value });
}
