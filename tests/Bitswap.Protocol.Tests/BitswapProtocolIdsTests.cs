namespace Bitswap.Protocol.Tests;

public sealed class BitswapProtocolIdsTests
{
    [Fact]
    public void Ids_are_listed_newest_first_and_go_both_ways()
    {
        Assert.Equal(["/ipfs/bitswap/1.2.0", "/ipfs/bitswap/1.1.0", "/ipfs/bitswap/1.0.0", "/ipfs/bitswap"], BitswapProtocolIds.All);
        Assert.Equal(
            [BitswapVersion.V120, BitswapVersion.V110, BitswapVersion.V100, BitswapVersion.Unversioned],
            BitswapProtocolIds.All.Select(BitswapProtocolIds.FromId));
        Assert.Equal(BitswapProtocolIds.All, BitswapProtocolIds.All.Select(id => BitswapProtocolIds.ToId(BitswapProtocolIds.FromId(id))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/ipfs/bitswap/")]
    [InlineData("/ipfs/bitswap/1.2")]
    [InlineData("/ipfs/bitswap/1.2.0 ")]
    [InlineData("/IPFS/bitswap/1.2.0")]
    [InlineData("/ipfs/bitswap/2.0.0")]
    public void Another_id_is_refused(string id)
    {
        Assert.False(BitswapProtocolIds.TryFromId(id, out _));
        Assert.Throws<ArgumentException>(() => BitswapProtocolIds.FromId(id));
    }

    [Fact]
    public void A_version_that_is_none_has_no_id() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BitswapProtocolIds.ToId((BitswapVersion)4));
}
