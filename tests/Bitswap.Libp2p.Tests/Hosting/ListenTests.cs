using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class ListenTests
{
    [Fact]
    public async Task Port_zero_becomes_the_port_that_was_given()
    {
        await using Libp2pHost host = await StartAsync();

        Multiaddr address = Assert.Single(host.Addresses);

        Assert.True(address.TryGetTcp(out string? ip, out int port, out _));
        Assert.Equal("127.0.0.1", ip);
        Assert.InRange(port, 1, 65535);
        Assert.Equal(host.PeerId, address.PeerId);
    }

    [Fact]
    public async Task A_taken_port_fails_with_the_address_and_leaves_nothing_behind()
    {
        (Socket taken, Multiaddr address) = ListenRaw();
        using Socket _ = taken;
        int free = FreePort();
        Multiaddr first = Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{free}");

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.AddressInUse, () => StartAsync(o => o with { ListenAddresses = [first, address] }));

        Assert.Contains(address.ToString(), error.Message, StringComparison.Ordinal);
        await using Libp2pHost again = await StartAsync(o => o with { ListenAddresses = [first] });
    }

    [Fact]
    public async Task An_address_of_no_interface_fails_with_the_address()
    {
        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.ListenFailed, () => StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/192.0.2.1/tcp/0")] }));

        Assert.Contains("/ip4/192.0.2.1/tcp/0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/0/quic-v1")]
    [InlineData("/dns4/localhost/tcp/0")]
    public async Task Only_TCP_on_an_IP_address_can_be_listened_on(string address)
    {
        await FailsWithAsync(
            Libp2pErrorIds.UnsupportedAddress, () => StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse(address)] }));
    }

    [Fact]
    public async Task Several_addresses_are_all_reachable()
    {
        Multiaddr[] wanted = Socket.OSSupportsIPv6 ? [AnyPort, AnyPort, Multiaddr.Parse("/ip6/::1/tcp/0")] : [AnyPort, AnyPort];
        await using Libp2pHost alice = await StartAsync(o => o with { ListenAddresses = wanted });
        Assert.Equal(wanted.Length, alice.Addresses.Count);

        foreach (Multiaddr address in alice.Addresses)
        {
            await using Libp2pHost bob = await StartAsync();
            Assert.Equal(address, (await bob.ConnectAsync([address])).RemoteAddress);
        }
    }

    [Fact]
    public async Task The_unspecified_address_is_told_as_those_of_the_interfaces()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")] });
        await using Libp2pHost bob = await StartAsync();

        Assert.All(alice.Addresses, address => Assert.DoesNotContain("/0.0.0.0/", address.ToString(), StringComparison.Ordinal));
        Multiaddr loopback = Assert.Single(alice.Addresses, a => a.ToString().StartsWith("/ip4/127.0.0.1/", StringComparison.Ordinal));
        await bob.ConnectAsync([loopback]);
    }

    [Fact]
    public async Task Both_families_share_a_port_on_the_unspecified_address()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        int port = FreePort();

        await using Libp2pHost host = await StartAsync(o => o with
        {
            ListenAddresses = [Multiaddr.Parse($"/ip4/0.0.0.0/tcp/{port}"), Multiaddr.Parse($"/ip6/::/tcp/{port}")],
        });

        Assert.Contains(host.Addresses, a => a.ToString().StartsWith("/ip4/", StringComparison.Ordinal));
        Assert.Contains(host.Addresses, a => a.ToString().StartsWith("/ip6/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_without_addresses_dials_all_the_same()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync(o => o with { ListenAddresses = [] });

        Assert.Empty(bob.Addresses);
        await bob.ConnectAsync(alice.Addresses);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
