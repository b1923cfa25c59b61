using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <summary>Hosts that find each other, on a network in memory and on loopback.</summary>
public sealed class MdnsDiscoveryTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLan _lan = new();

    [Fact]
    public async Task Two_hosts_find_each_other()
    {
        await using Machine alice = await MachineAsync("192.168.1.7");
        await using Machine bob = await MachineAsync("192.168.1.9");

        await FindsAsync(alice, bob);
        await FindsAsync(bob, alice);

        Assert.Equal(["wlan0"], alice.Discovery.Interfaces);
        Assert.Equal(bob.Host.Addresses.Where(address => AddressScopes.Of(address) == AddressScope.Network), Assert.Single(alice.Discovery.Peers).Addresses);
    }

    [Fact]
    public async Task One_that_only_asks_finds_and_is_not_found()
    {
        await using Machine alice = await MachineAsync("192.168.1.7", new MdnsOptions { Announce = false });
        await using Machine bob = await MachineAsync("192.168.1.9");

        await FindsAsync(alice, bob);

        Assert.Empty(bob.Discovery.Peers);
        Assert.DoesNotContain(_lan.Sent, sent => sent.Sender.Address.ToString() == "192.168.1.7" && (sent.Data[2] & 0x80) != 0);
    }

    [Fact]
    public async Task One_that_moves_is_found_at_its_new_address()
    {
        await using Machine alice = await MachineAsync("192.168.1.7");
        await using Machine bob = await MachineAsync("192.168.1.9");
        await FindsAsync(alice, bob);

        bob.Interfaces.Become(FakeInterfaces.Loopback, FakeInterfaces.Of("wlan0", 3, "192.168.1.77/24"));

        await PassUntilAsync(() => alice.Discovery.Peers.Any(peer => peer.Addresses.Any(address => address.ToString().StartsWith("/ip4/192.168.1.77/", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task One_that_stops_is_forgotten_at_once()
    {
        await using Machine alice = await MachineAsync("192.168.1.7");
        Machine bob = await MachineAsync("192.168.1.9");
        await FindsAsync(alice, bob);

        await bob.DisposeAsync();

        await Poll.UntilAsync(() => alice.Discovery.Peers.Count == 0);
        Assert.Equal(0, bob.Interfaces.Followers);
    }

    [Fact]
    public async Task Private_networks_do_not_find_each_other()
    {
        SwarmKey key = SwarmKey.Parse(System.Text.Encoding.ASCII.GetBytes("/key/swarm/psk/1.0.0/\n/base16/\n" + new string('a', 64) + "\n"));
        await using Machine alice = await MachineAsync("192.168.1.7", key: key);
        await using Machine bob = await MachineAsync("192.168.1.9");
        await using Machine carol = await MachineAsync("192.168.1.11", key: key);

        await FindsAsync(alice, carol);

        Assert.Equal(carol.Host.PeerId, Assert.Single(alice.Discovery.Peers).Peer);
        Assert.Empty(bob.Discovery.Peers);
    }

    [Fact]
    public async Task A_flood_leaves_room_for_who_is_there()
    {
        await using Machine alice = await MachineAsync("192.168.1.7");
        byte[] question = new MdnsRecords("_p2p._udp.local", "flood", TimeSpan.FromMinutes(2)).Question;
        for (int i = 0; i < 5000; i++)
        {
            _lan.Send(new IPEndPoint(IPAddress.Parse("192.168.1.66"), MdnsAgent.Port), i % 2 == 0 ? question : [1, 2, 3]);
        }
        await using Machine bob = await MachineAsync("192.168.1.9");

        await FindsAsync(alice, bob);
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_told()
    {
        await using Machine alice = await MachineAsync("192.168.1.7", new MdnsOptions { Interfaces = ["eth9"] });

        Assert.Empty(alice.Discovery.Interfaces);
        Assert.Contains("eth9", Assert.Single(alice.Discovery.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "lo")]
    [InlineData(true, "LO")]
    [InlineData(false, "lo", "eth9")]
    [InlineData(false, "lo", "wlan0")]
    [InlineData(false, "wlan0")]
    [InlineData(false)]
    public async Task Told_to_use_loopback_alone_it_says_so(bool isMachineOnly, params string[] names)
    {
        await using Machine alice = await MachineAsync("192.168.1.7", new MdnsOptions { Interfaces = names });

        Assert.Equal(isMachineOnly, alice.Discovery.IsMachineOnly);
    }

    [Fact]
    public async Task Two_hosts_of_one_machine_find_each_other_over_sockets()
    {
        string loopback = await LoopbackMulticast.NameAsync();
        MdnsOptions options = new() { Interfaces = [loopback] };
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        await using MdnsDiscovery first = new(alice, options);
        await using MdnsDiscovery second = new(bob, options);
        first.Start();
        second.Start();

        Assert.Equal([loopback], first.Interfaces);
        await Poll.UntilAsync(() => first.Peers.Any(peer => peer.Peer.Equals(bob.PeerId)) && second.Peers.Any(peer => peer.Peer.Equals(alice.PeerId)));

        DiscoveredPeer found = first.Peers.Single(peer => peer.Peer.Equals(bob.PeerId));
        Assert.Equal(AddressScope.Machine, found.Source);
        Assert.Equal(bob.Addresses, found.Addresses);
        await alice.ConnectAsync(found.Addresses);
    }

    private async Task<Machine> MachineAsync(string ip, MdnsOptions? options = null, SwarmKey? key = null)
    {
        FakeInterfaces interfaces = new(FakeInterfaces.Loopback, FakeInterfaces.Of("wlan0", 3, $"{ip}/24"));
        Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")], Interfaces = interfaces, Clock = _clock, SwarmKey = key });
        MdnsDiscovery discovery = new(host, (options ?? new MdnsOptions()) with { Link = _lan.Join() });
        discovery.Start();
        return new Machine(host, interfaces, discovery);
    }

    private Task FindsAsync(Machine who, Machine whom) => PassUntilAsync(() => who.Discovery.Peers.Any(peer => peer.Peer.Equals(whom.Host.PeerId)));

    private Task PassUntilAsync(Func<bool> condition) => Poll.UntilAsync(() =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        return condition();
    });

    private sealed record Machine(Libp2pHost Host, FakeInterfaces Interfaces, MdnsDiscovery Discovery) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Discovery.DisposeAsync();
            await Host.DisposeAsync();
        }
    }
}
