using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Relay;

/// <summary>A relay on loopback, a host that is reached through it alone, and one that dials.</summary>
internal sealed class RelayTrio : IAsyncDisposable
{
    public required Libp2pHost Relay { get; set; }

    public required Libp2pHost Listener { get; init; }

    public required Libp2pHost Dialer { get; init; }

    public PrivateKey RelayIdentity { get; private init; } = PrivateKey.Generate();

    /// <summary>The listener's address behind the relay.</summary>
    public Multiaddr Address => Multiaddr.Parse($"{Relay.Addresses[0]}/p2p-circuit/p2p/{Listener.PeerId}");

    public static async Task<RelayTrio> StartAsync(
        Func<RelayOptions, RelayOptions>? relay = null, Func<Libp2pOptions, Libp2pOptions>? all = null, Func<Libp2pOptions, Libp2pOptions>? onRelay = null, bool reserve = true)
    {
        Func<Libp2pOptions, Libp2pOptions> every = all ?? (options => options);
        RelayOptions served = new() { Relay = true };
        PrivateKey identity = PrivateKey.Generate();
        Libp2pHost server = await Hosting.TestHosts.StartAsync(o => (onRelay ?? every)(every(o)) with { Identity = identity, Relay = relay?.Invoke(served) ?? served });
        RelayTrio trio = new()
        {
            Relay = server,
            RelayIdentity = identity,
            Listener = await Hosting.TestHosts.StartAsync(o => every(o) with { ListenAddresses = [], Relay = new RelayOptions { RelayServers = reserve ? [server.Addresses[0]] : [], RelayRetryDelay = TimeSpan.FromSeconds(1) } }),
            Dialer = await Hosting.TestHosts.StartAsync(o => every(o) with { ListenAddresses = [] }),
        };
        trio.Listener.Handle("/echo", EchoAsync);
        if (reserve)
        {
            await ReservedAsync(trio.Listener);
        }
        return trio;
    }

    /// <summary>Waits until a host is reached through a relay.</summary>
    public static Task ReservedAsync(Libp2pHost host) => Poll.UntilAsync(() => host.Reservations.Count > 0, "a reservation");

    /// <summary>Dials the listener through the relay.</summary>
    public Task<Libp2pConnection> ConnectAsync() => Dialer.ConnectAsync([Address]).AsTask().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (Libp2pHost host in (Libp2pHost[])[Dialer, Listener, Relay])
        {
            await host.DisposeAsync();
            Assert.Equal(0, host.RunningTasks);
            Assert.Equal(0, host.HeldConnections);
        }
    }
}
