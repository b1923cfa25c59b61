using System.Globalization;
using System.Text.Json;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Relay;
using Bitswap.Libp2p.Tests.Protocols.Relay;
using Bitswap.Node.Tests.Interop;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Interop;

/// <summary>@libp2p/circuit-relay-v2 as the relay, as the peer behind one and as the peer that dials.</summary>
public sealed class RelayInteropTests(HeliaInstallation npm) : IClassFixture<HeliaInstallation>
{
    private const int Sent = 1 << 20;

    // js-libp2p keeps the time in milliseconds and writes that number where the specification has seconds
    private const int SecondsOfScript = 90_000;

    [Fact]
    public async Task Two_hosts_of_ours_reach_each_other_through_a_relay_of_js_libp2p()
    {
        await using PeerProcess relay = npm.StartScript("relay.mjs", "serve");
        Multiaddr address = await relay.AddressAsync();
        await using Libp2pHost listener = await StartListenerAsync(address);
        HeldReservation reservation = Assert.Single(listener.Reservations);
        Assert.Equal(address.PeerId, reservation.Relay);
        Assert.Equal(new RelayCircuit(reservation.Relay, TimeSpan.FromSeconds(SecondsOfScript), 4 << 20), reservation.Circuit);
        Assert.Equal([address], reservation.Addresses);
        Assert.InRange(reservation.Lifetime, TimeSpan.FromMinutes(110), TimeSpan.FromMinutes(121));

        await using Libp2pHost dialer = await StartAsync(o => o with { ListenAddresses = [] });
        Libp2pConnection connection = await dialer.ConnectAsync([.. listener.AnnouncedAddresses]).AsTask().WaitAsync(Patience);
        Assert.Equal(reservation.Circuit, connection.Circuit);
        await EchoesAsync(dialer, listener.PeerId);
        Assert.Equal(1, (await relay.EndAsync()).GetProperty("reservations").GetInt32());
    }

    [Fact]
    public async Task A_peer_of_js_libp2p_behind_a_relay_of_ours_is_dialled()
    {
        await using Libp2pHost relay = await StartRelayAsync();
        await using PeerProcess listener = npm.StartScript("relay.mjs", "listen", relay.Addresses[0].ToString());
        Multiaddr address = await listener.AddressAsync();
        Assert.Equal(1, relay.Relay!.Reservations);
        Assert.StartsWith($"{relay.Addresses[0]}/p2p-circuit/p2p/", address.ToString(), StringComparison.Ordinal);

        await using Libp2pHost dialer = await StartAsync(o => o with { ListenAddresses = [] });
        Libp2pConnection connection = await dialer.ConnectAsync([address]).AsTask().WaitAsync(Patience);
        Assert.Equal(new RelayCircuit(relay.PeerId, TimeSpan.FromMinutes(2), 8 << 20), connection.Circuit);
        await EchoesAsync(dialer, connection.RemotePeer);
        Assert.Equal(1, (await listener.EndAsync()).GetProperty("relayed").GetInt32());
    }

    [Fact]
    public async Task A_peer_of_js_libp2p_dials_a_host_of_ours_through_a_relay_of_ours()
    {
        await using Libp2pHost relay = await StartRelayAsync();
        await DialsAsync(relay.Addresses[0], 120, 8 << 20);
    }

    [Fact]
    public async Task A_peer_of_js_libp2p_dials_a_host_of_ours_through_a_relay_of_js_libp2p()
    {
        await using PeerProcess relay = npm.StartScript("relay.mjs", "serve");
        await DialsAsync(await relay.AddressAsync(), SecondsOfScript, 4 << 20);
    }

    private async Task DialsAsync(Multiaddr relay, int seconds, int bytes)
    {
        await using Libp2pHost listener = await StartListenerAsync(relay);
        Multiaddr address = listener.AnnouncedAddresses.First();
        await using PeerProcess dialer = npm.StartScript("relay.mjs", "dial", address.ToString(), Sent.ToString(CultureInfo.InvariantCulture));
        JsonElement result = await dialer.ReadAsync();
        Assert.Equal(address.ToString(), result.GetProperty("remote").GetString());
        Assert.Equal(Sent, result.GetProperty("length").GetInt32());
        Assert.True(result.GetProperty("same").GetBoolean());
        Assert.InRange(result.GetProperty("seconds").GetInt32(), seconds - 30, seconds);
        Assert.InRange(result.GetProperty("bytes").GetInt32(), 0, bytes);
    }

    private static Task<Libp2pHost> StartRelayAsync() => StartAsync(o => o with
    {
        Relay = new RelayOptions { Relay = true, MaxRelayCircuitTime = TimeSpan.FromMinutes(2), MaxRelayCircuitBytes = 8 << 20 },
    });

    private static async Task<Libp2pHost> StartListenerAsync(Multiaddr relay)
    {
        Libp2pHost listener = await StartAsync(o => o with { ListenAddresses = [], Relay = new RelayOptions { RelayServers = [relay] } });
        listener.Handle("/echo", EchoAsync);
        await RelayTrio.ReservedAsync(listener);
        return listener;
    }

    private static async Task EchoesAsync(Libp2pHost host, PeerId peer)
    {
        byte[] sent = new byte[Sent];
        new Random(1).NextBytes(sent);
        await using Libp2pStream stream = await host.OpenStreamAsync(peer, ["/echo"]).AsTask().WaitAsync(Patience);
        Task<byte[]> read = ReadAllAsync(stream);
        await stream.WriteAsync(sent).AsTask().WaitAsync(Patience);
        await stream.CloseWriteAsync();
        Assert.Equal(sent, await read.WaitAsync(Patience));
    }
}
