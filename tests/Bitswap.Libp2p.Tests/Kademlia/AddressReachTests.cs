using Bitswap.Libp2p.Kademlia;

namespace Bitswap.Libp2p.Tests.Kademlia;

public sealed class AddressReachTests
{
    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/1", "Machine")]
    [InlineData("/ip4/127.255.0.1/udp/1/quic-v1", "Machine")]
    [InlineData("/ip4/0.0.0.0/tcp/1", "Machine")]
    [InlineData("/ip6/::1/tcp/1", "Machine")]
    [InlineData("/ip6/::/tcp/1", "Machine")]
    [InlineData("/ip6/::ffff:127.0.0.1/tcp/1", "Machine")]
    [InlineData("/dns4/localhost/tcp/1", "Machine")]
    [InlineData("/dns/a.LocalHost/tcp/1", "Machine")]
    [InlineData("/unix/run/a.sock", "Machine")]
    [InlineData("/ip4/10.1.2.3/tcp/1", "Network")]
    [InlineData("/ip4/172.16.0.1/tcp/1", "Network")]
    [InlineData("/ip4/172.31.255.255/tcp/1", "Network")]
    [InlineData("/ip4/192.168.0.1/tcp/1", "Network")]
    [InlineData("/ip4/169.254.1.1/tcp/1", "Network")]
    [InlineData("/ip4/100.64.0.1/tcp/1", "Network")]
    [InlineData("/ip6/fd00::1/tcp/1", "Network")]
    [InlineData("/ip6/fe80::1/tcp/1", "Network")]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", "Network")]
    [InlineData("/ip6/::ffff:192.168.0.1/tcp/1", "Network")]
    [InlineData("/ip4/172.32.0.1/tcp/1", "World")]
    [InlineData("/ip4/8.8.8.8/tcp/1", "World")]
    [InlineData("/ip4/100.128.0.1/tcp/1", "World")]
    [InlineData("/ip6/2001:db8::1/tcp/1", "World")]
    [InlineData("/dns4/example.com/tcp/1", "World")]
    [InlineData("/dnsaddr/bootstrap.libp2p.io", "World")]
    public void An_address_reaches_so_far(string address, string reach) =>
        Assert.Equal(Enum.Parse<AddressReach>(reach), AddressReaches.Of(Multiaddr.Parse(address)));
}
