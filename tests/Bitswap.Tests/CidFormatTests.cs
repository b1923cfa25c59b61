using Bitswap.Blocks;
using Bitswap.Errors;
using Bitswap.Multiformats;

namespace Bitswap.Tests;

public sealed class CidFormatTests
{
    [Theory]
    [InlineData(null, null, 1, "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq")]
    [InlineData("raw", "SHA2-256", 1, "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq")]
    [InlineData("dag-pb", null, 1, "bafybeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq")]
    public void The_cid_is_that_of_the_names(string? codec, string? hash, int version, string expected) =>
        Assert.Equal(expected, new CidFormat(codec, hash, version).Compute("hello"u8).ToString());

    [Fact]
    public void Version_0_is_dag_pb() => Assert.Equal(Cid.Parse("bafybeibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"), new CidFormat(null, null, 0).Compute("hello"u8).ToV1());

    [Fact]
    public void An_identity_CID_holds_128_bytes_and_no_more()
    {
        CidFormat format = new(null, "identity", 1);
        Assert.Equal(new byte[128], format.Compute(new byte[128]).Hash.Digest.ToArray());
        Fault fault = Assert.Throws<FaultException>(() => format.Compute(new byte[129])).Fault;
        Assert.Equal("InvalidMultihash", fault.ErrorId);
        Assert.Contains("128 bytes", fault.Remedy);
    }

    [Fact]
    public void A_block_of_a_CID_with_a_longer_prefix_is_a_little_smaller()
    {
        CidFormat format = new(null, "blake2b-256", 1);
        Assert.NotNull(format.Compute(new byte[BlockRule.MaxBlockSize - 2]));
        Assert.Equal("BlockTooLarge", Assert.Throws<FaultException>(() => format.Compute(new byte[BlockRule.MaxBlockSize - 1])).Fault.ErrorId);
    }

    [Theory]
    [InlineData("nonsense", null, 1, "UnknownName")]
    [InlineData(null, "md5", 1, "UnknownName")]
    [InlineData(null, "raw", 1, "UnknownName")]
    [InlineData("raw", null, 0, "UnsupportedCidVersion")]
    [InlineData(null, "sha2-512", 0, "UnsupportedCidVersion")]
    public void What_does_not_go_together_is_refused(string? codec, string? hash, int version, string errorId) =>
        Assert.Equal(errorId, Assert.Throws<FaultException>(() => new CidFormat(codec, hash, version)).Fault.ErrorId);
}
