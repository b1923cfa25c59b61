using System.Net;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Libp2p.Tests.Addresses;

public sealed class DialRuleTests
{
    private static readonly string[] _addresses =
    [
        "/ip4/8.8.8.8/tcp/1", "/ip6/2600::1/tcp/1", "/dns4/example.com/tcp/1",
        "/ip4/192.168.1.1/tcp/1", "/ip6/fd00::1/tcp/1", "/ip6/::ffff:10.0.0.1/tcp/1", "/dns/nas.local/tcp/1",
        "/ip4/127.0.0.1/tcp/1", "/ip6/64:ff9b::7f00:1/tcp/1", "/dns/localhost/tcp/1",
        "/ip4/224.0.0.1/tcp/1",
    ];

    [Theory]
    [InlineData(AddressScope.World, false, true, 0, 3)]
    [InlineData(AddressScope.Network, false, true, 0, 7)]
    [InlineData(AddressScope.Machine, false, true, 0, 10)]
    [InlineData(AddressScope.World, true, true, 0, 10)]
    [InlineData(AddressScope.Network, true, true, 0, 10)]
    [InlineData(AddressScope.Network, false, false, 2, 7)]
    [InlineData(AddressScope.Machine, false, false, 2, 10)]
    [InlineData(AddressScope.World, true, false, 2, 10)]
    public void A_source_gives_addresses_that_reach_as_far_as_its_own(AddressScope source, bool allowPrivate, bool allowPublic, int from, int to)
    {
        DialRule rule = new() { AllowPrivate = allowPrivate, AllowPublic = allowPublic };
        Assert.Equal(_addresses[from..to], _addresses.Where(address => rule.Admits(Multiaddr.Parse(address), source)));
    }

    [Theory]
    [InlineData("example.com", "8.8.8.8", AddressScope.World, true)]
    [InlineData("example.com", "192.168.1.1", AddressScope.World, false)]
    [InlineData("example.com", "127.0.0.1", AddressScope.World, false)]
    [InlineData("example.com", "::ffff:127.0.0.1", AddressScope.World, false)]
    [InlineData("example.com", "192.168.1.1", AddressScope.Network, true)]
    [InlineData("example.com", "127.0.0.1", AddressScope.Network, false)]
    [InlineData("example.com", "127.0.0.1", AddressScope.Machine, true)]
    [InlineData("nas.local", "192.168.1.1", AddressScope.World, true)]
    [InlineData("nas.local", "127.0.0.1", AddressScope.World, false)]
    [InlineData("localhost", "127.0.0.1", AddressScope.World, true)]
    public void What_a_name_stands_for_is_looked_at(string name, string found, AddressScope source, bool isAdmitted) =>
        Assert.Equal(isAdmitted, DialRule.Default.Admits(name, IPAddress.Parse(found), source));

    [Fact]
    public void A_public_name_may_stand_for_a_private_address_where_nothing_public_is_dialled()
    {
        DialRule rule = new() { AllowPublic = false };
        Assert.True(rule.Admits(Multiaddr.Parse("/dns/example.com/tcp/1"), AddressScope.Network));
        Assert.False(rule.Admits("example.com", IPAddress.Parse("8.8.8.8"), AddressScope.Network));
        Assert.True(rule.Admits("example.com", IPAddress.Parse("10.0.0.1"), AddressScope.Network));
    }

    [Fact]
    public void What_a_peer_says_of_itself_is_kept_by_the_same_rule()
    {
        RemoteIdentity said = RemoteIdentity.Unknown with { ListenAddresses = [.. _addresses.Select(Multiaddr.Parse)] };
        Assert.Equal(_addresses[..3], said.Admitted(DialRule.Default, AddressScope.World).ListenAddresses.Select(address => address.ToString()));
        Assert.Equal(_addresses[..7], said.Admitted(DialRule.Default, AddressScope.Network).ListenAddresses.Select(address => address.ToString()));
        Assert.Equal(_addresses[..10], said.Admitted(DialRule.Default, AddressScope.Machine).ListenAddresses.Select(address => address.ToString()));
    }
}
