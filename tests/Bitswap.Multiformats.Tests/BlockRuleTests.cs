using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Tests;

public sealed class BlockRuleTests
{
    [Theory]
    [InlineData(MultihashCode.Sha256, 32, 4_194_286)]
    [InlineData(MultihashCode.Blake2b_256, 32, 4_194_284)]
    [InlineData(MultihashCode.Blake3, 128, 4_194_285)]
    public void A_block_has_as_many_bytes_as_a_message_has_room_for_beside_its_prefix(ulong hash, int digest, int most)
    {
        Cid cid = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(hash, new byte[digest]));

        Assert.Equal(most, BlockRule.MaxSize(cid));
        Assert.Null(BlockRule.Check(cid, most));
        BlockRefusal refusal = BlockRule.Check(cid, most + 1L)!;
        Assert.Equal(BlockRefusal.BlockTooLarge, refusal.ErrorId);
        Assert.Contains($"{most + 1} bytes, over the limit of {most}", refusal.Message);
    }

    [Fact]
    public void A_version_0_has_the_room_of_the_shortest_prefix()
    {
        Cid cid = Cid.CreateV0(Multihash.FromDigest(MultihashCode.Sha256, new byte[32]));

        Assert.Equal(BlockRule.MaxBlockSize, BlockRule.MaxSize(cid));
        Assert.Equal(982, BlockRule.MaxSize(cid, messageSize: 1000));
    }

    [Fact]
    public void A_digest_that_is_too_short_names_no_block()
    {
        const string Text = "bafkreez3itiri7ghbbf6lzej7paxyxy2qznpw";
        BlockRefusal refusal = BlockRule.Check(Cid.Parse(Text))!;

        Assert.Equal(MultiformatException.InvalidMultihash, refusal.ErrorId);
        Assert.StartsWith(Text, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("under the bound of 20", refusal.Message);
        Assert.Equal(refusal, BlockRule.Check(Cid.Parse(Text), 0));
    }

    [Fact]
    public void An_identity_CID_holds_128_bytes_and_an_error_shows_a_piece_of_a_longer_one()
    {
        Assert.Null(BlockRule.Check(Cid.Compute(Multicodec.Raw, new byte[128], MultihashCode.Identity)));
        BlockRefusal refusal = BlockRule.Check(Cid.Compute(Multicodec.Raw, new byte[5000], MultihashCode.Identity))!;
        Assert.Equal(MultiformatException.InvalidMultihash, refusal.ErrorId);
        Assert.Contains("over the bound of 128", refusal.Message);
        Assert.InRange(refusal.Message.Length, 100, 250);
    }
}
