using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

/// <summary>The addresses of a machine change under a host that runs.</summary>
public sealed class InterfaceTests
{
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(1);
    private static readonly MachineInterface _office = FakeInterfaces.Of("wlan0", 3, "192.168.1.7/24", "fe80::1/64");
    private static readonly MachineInterface _home = FakeInterfaces.Of("wlan0", 3, "10.1.1.7/24");

    [Fact]
    public async Task Addresses_follow_the_interfaces()
    {
        FakeTimeProvider clock = new();
        FakeInterfaces machine = new(FakeInterfaces.Loopback, _office);
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")], Interfaces = machine, Clock = clock });
        Assert.Equal(["192.168.1.7", "127.0.0.1"], Ips(host));

        machine.Become(FakeInterfaces.Loopback);
        await ChangesAsync(host, clock, ["127.0.0.1"]);
        machine.Become(FakeInterfaces.Loopback, _home);
        await ChangesAsync(host, clock, ["10.1.1.7", "127.0.0.1"]);
    }

    [Fact]
    public async Task A_connected_peer_is_told()
    {
        FakeTimeProvider clock = new();
        FakeInterfaces machine = new(FakeInterfaces.Loopback, _office);
        await using Libp2pHost alice = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")], Interfaces = machine, Clock = clock });
        await using Libp2pHost bob = await StartAsync();
        Libp2pConnection connection = await bob.ConnectAsync([alice.Addresses.Single(address => AddressScopes.Of(address) == AddressScope.Machine)]);
        await Poll.UntilAsync(() => Told(connection).Contains("192.168.1.7"));

        // the other side, too, has asked before it pushes
        await Poll.UntilAsync(() => alice.Connections is [{ RemoteProtocols.Count: > 0 }]);
        machine.Become(FakeInterfaces.Loopback, _home);
        await ChangesAsync(alice, clock, ["10.1.1.7", "127.0.0.1"]);

        await Poll.UntilAsync(() => Told(connection).Contains("10.1.1.7") && !Told(connection).Contains("192.168.1.7"));
    }

    [Fact]
    public async Task Many_words_of_one_change_are_read_once_it_settles()
    {
        FakeTimeProvider clock = new();
        FakeInterfaces machine = new(FakeInterfaces.Loopback, _office);
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")], Interfaces = machine, Clock = clock });
        int changes = 0;
        host.AddressesChanged += () => Interlocked.Increment(ref changes);

        for (int i = 0; i < 100; i++)
        {
            machine.Become(FakeInterfaces.Loopback);
        }
        machine.Become(FakeInterfaces.Loopback, _home);
        await ChangesAsync(host, clock, ["10.1.1.7", "127.0.0.1"]);

        Assert.InRange(changes, 1, 2);
    }

    [Fact]
    public async Task An_address_of_its_own_that_is_gone_is_not_told_until_it_is_back()
    {
        MachineInterface? real = SystemInterfaces.Instance.Read().FirstOrDefault(network => !network.IsLoopback && network.Addresses.Any(IsFour));
        Assert.SkipWhen(real is null, "this machine has no IPv4 address but that of loopback");
        string ip = real!.Addresses.First(IsFour).Address.ToString();
        FakeTimeProvider clock = new();
        FakeInterfaces machine = new(FakeInterfaces.Loopback, real);
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse($"/ip4/{ip}/tcp/0"), AnyPort], Interfaces = machine, Clock = clock });
        Assert.Equal([ip, "127.0.0.1"], Ips(host));

        machine.Become(FakeInterfaces.Loopback);
        await ChangesAsync(host, clock, ["127.0.0.1"]);
        machine.Become(FakeInterfaces.Loopback, real);
        await ChangesAsync(host, clock, [ip, "127.0.0.1"]);

        static bool IsFour(InterfaceAddress own) => own.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
    }

    [Fact]
    public async Task A_host_on_loopback_alone_follows_nothing()
    {
        FakeInterfaces machine = new(FakeInterfaces.Loopback, _office);
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [AnyPort], Interfaces = machine });

        Assert.Equal(0, machine.Followers);
        Assert.Equal(["127.0.0.1"], Ips(host));
    }

    [Fact]
    public async Task A_host_that_stopped_follows_no_more()
    {
        FakeInterfaces machine = new(FakeInterfaces.Loopback, _office);
        Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")], Interfaces = machine });
        Assert.Equal(1, machine.Followers);

        await host.DisposeAsync();

        Assert.Equal(0, machine.Followers);
        Assert.Equal(0, host.RunningTasks);
    }

    private static async Task ChangesAsync(Libp2pHost host, FakeTimeProvider clock, string[] to) => await Poll.UntilAsync(() =>
    {
        clock.Advance(_settle);
        return Ips(host).SequenceEqual(to);
    });

    private static string[] Ips(Libp2pHost host) => [.. host.Addresses.Select(address => address.Components[0].Value!)];

    private static string[] Told(Libp2pConnection connection) => [.. connection.Identity.ListenAddresses.Select(address => address.Components[0].Value!)];
}
