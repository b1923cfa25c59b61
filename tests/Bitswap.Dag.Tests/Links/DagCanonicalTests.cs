using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.Links;

/// <summary>What is canonical in the codecs; dag-cbor and dag-json have tests of their own.</summary>
public sealed class DagCanonicalTests
{
    private static readonly Cid _leaf = Cid.Parse("bafkqabtimvwgy3yk");
    private static readonly byte[] _a = Link("a");
    private static readonly byte[] _b = Link("b");

    [Fact]
    public void A_dag_pb_block_is_canonical_with_its_links_in_order_before_its_data()
    {
        Assert.Null(Deviation([.. _a, .. _b, 0x0A, 1, 7]));
        Assert.Contains("order of their names", Deviation([.. _b, .. _a]));
        Assert.Contains("data stands before its links", Deviation([0x0A, 1, 7, .. _a]));
        Assert.Null(Deviation([]));
    }

    [Fact]
    public void What_is_not_of_the_codec_is_an_error()
    {
        byte[] block = [0xFF];
        DagException error = Assert.Throws<DagException>(() => Deviation(block));
        Assert.Equal(DagErrorIds.InvalidDagPb, error.ErrorId);
        Assert.Contains(Cid.Compute(Multicodec.DagPb, block).ToString(), error.Message);
    }

    [Theory]
    [InlineData(Multicodec.Raw)]
    [InlineData(Multicodec.Json)]
    [InlineData(Multicodec.Cbor)]
    [InlineData(Multicodec.GitRaw)]
    public void Codecs_that_have_no_one_form_are_not_judged(ulong codec)
    {
        byte[] block = [0xFF];
        Assert.False(DagCanonical.HasForm(codec));
        Assert.Null(DagCanonical.FindDeviation(Cid.Compute(codec, block), block));
    }

    private static string? Deviation(byte[] block) => DagCanonical.FindDeviation(Cid.Compute(Multicodec.DagPb, block), block);

    // a node of one link is that link
    private static byte[] Link(string name) => new DagPbNode([new DagPbLink(_leaf, name, 6)], null).ToByteArray();
}
