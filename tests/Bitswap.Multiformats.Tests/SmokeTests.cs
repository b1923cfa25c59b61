namespace Bitswap.Multiformats.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Cids_of_both_versions_read_back()
    {
        Cid v0 = Cid.Parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
        Assert.Equal("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354", v0.ToV1().ToString());
        Assert.Equal(v0, v0.ToV1().ToV0());
        Assert.Equal("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", v0.ToV1().ToV0().ToString());
        Assert.Equal("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", Cid.Compute(Multicodec.Raw, []).ToString());
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/1234", "047f000001910204d2")]
    [InlineData("/ip6/::1/tcp/0/p2p/QmbHVEEepCi7rn7VL7Exxpd2Ci9NNB6ifvqwhsrbRMgQFP", null)]
    [InlineData("/unix/a/b/c", null)]
    public void Multiaddrs_read_back(string text, string? hex)
    {
        Multiaddr address = Multiaddr.Parse(text);
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, Multiaddr.FromBytes(address.Bytes));
        Assert.True(hex is null || hex == Convert.ToHexStringLower(address.Bytes));
    }

    [Fact]
    public void Peer_ids_read_back()
    {
        foreach (string text in new[] { "12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV", "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC" })
        {
            PeerId peerId = PeerId.Parse(text);
            Assert.Equal(text, peerId.ToString());
            Assert.Equal(peerId, PeerId.Parse(peerId.ToCid().ToString(MultibaseEncoding.Base36)));
        }
    }
}
