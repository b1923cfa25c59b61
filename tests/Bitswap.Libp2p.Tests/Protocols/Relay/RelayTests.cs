using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Reachability;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Relay;

/// <summary>Hosts of ours that reach each other through a relay of ours.</summary>
public sealed class RelayTests
{
    [Theory]
    [InlineData(SecurityProtocol.Noise)]
    [InlineData(SecurityProtocol.Tls)]
    public async Task A_peer_is_dialled_through_a_relay_and_the_connection_says_so(SecurityProtocol security)
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(
            o => o with { MaxRelayCircuitTime = TimeSpan.FromMinutes(2), MaxRelayCircuitBytes = 4 << 20 }, o => o with { SecurityProtocols = [security] });
        TaskCompletionSource<Libp2pConnection> came = new(TaskCreationOptions.RunContinuationsAsynchronously);
        trio.Listener.PeerConnected += came.SetResult;

        Libp2pConnection connection = await trio.ConnectAsync();

        Assert.Equal(trio.Listener.PeerId, connection.RemotePeer);
        Assert.Equal(security, connection.Security);
        Assert.Equal(trio.Address, connection.RemoteAddress);
        Assert.Equal(new RelayCircuit(trio.Relay.PeerId, TimeSpan.FromMinutes(2), 4 << 20), connection.Circuit);
        Assert.Equal("2 min and 4194304 bytes each way", connection.Circuit!.ToString());
        Libp2pConnection other = await came.Task.WaitAsync(Patience);
        Assert.Equal(connection.Circuit, other.Circuit);
        Assert.Equal(ConnectionDirection.Inbound, other.Direction);
        Assert.EndsWith($"/p2p/{trio.Relay.PeerId}/p2p-circuit/p2p/{trio.Dialer.PeerId}", other.RemoteAddress.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, trio.Relay.Relay!.Circuits);

        byte[] sent = new byte[1 << 20];
        new Random(1).NextBytes(sent);
        Assert.Equal(sent, await EchoAsync(trio.Dialer, trio.Listener.PeerId, sent));

        await trio.Dialer.DisconnectAsync(trio.Listener.PeerId);
        await other.Ended.WaitAsync(Patience);
        await Poll.UntilAsync(() => trio.Relay.Relay.Circuits == 0);
        Assert.Equal(1, trio.Relay.Relay.Reservations);
        // the relay was connected to for that alone
        await Poll.UntilAsync(() => trio.Dialer.HeldConnections == 0);
    }

    [Fact]
    public async Task A_relay_and_its_users_are_peers_of_each_other()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        trio.Relay.Handle("/echo", TestHosts.EchoAsync);
        trio.Dialer.Handle("/echo", TestHosts.EchoAsync);
        await trio.ConnectAsync();

        foreach (Libp2pHost user in (Libp2pHost[])[trio.Listener, trio.Dialer])
        {
            Assert.Contains(trio.Relay.PeerId, user.Connections.Select(connection => connection.RemotePeer));
            Assert.Contains(user.PeerId, trio.Relay.Connections.Select(connection => connection.RemotePeer));
            byte[] sent = [1, 2, 3];
            Assert.Equal(sent, await EchoAsync(trio.Relay, user.PeerId, sent));
            Assert.Equal(sent, await EchoAsync(user, trio.Relay.PeerId, sent));
        }
    }

    [Fact]
    public async Task The_relayed_address_is_told_to_others_and_a_peer_that_hears_it_can_dial_it()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        Assert.Equal([trio.Address], trio.Listener.AnnouncedAddresses);
        OwnAddress own = Assert.Single(trio.Listener.OwnAddresses);
        Assert.Equal((AddressOrigin.Relayed, AddressState.Unknown), (own.Origin, own.State));

        Libp2pConnection connection = await trio.ConnectAsync();
        await Poll.UntilAsync(() => connection.IsIdentified);
        Multiaddr told = Assert.Single(connection.Identity.ListenAddresses);
        Assert.Equal(trio.Address, told.WithPeerId(trio.Listener.PeerId));

        // the port of the relay is nothing that this host learns of itself
        Assert.Empty(trio.Dialer.OwnAddresses);
    }

    [Fact]
    public async Task A_direct_address_goes_before_one_over_a_relay_and_one_that_fails_does_not_keep_it_waiting()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(all: o => o with { Relay = o.Relay with { RelayDialDelay = TimeSpan.FromSeconds(10) } });
        await using Libp2pHost both = await StartAsync(o => o with { Relay = new RelayOptions { RelayServers = [trio.Relay.Addresses[0]] } });
        await RelayTrio.ReservedAsync(both);
        Multiaddr relayed = Multiaddr.Parse($"{trio.Relay.Addresses[0]}/p2p-circuit/p2p/{both.PeerId}");

        Libp2pConnection direct = await trio.Dialer.ConnectAsync([relayed, both.Addresses[0]]).AsTask().WaitAsync(Patience);
        Assert.Null(direct.Circuit);

        (System.Net.Sockets.Socket socket, Multiaddr closed) = ListenRaw();
        socket.Dispose();
        long start = TimeProvider.System.GetTimestamp();
        Libp2pConnection other = await trio.Dialer.ConnectAsync([closed, trio.Address]).AsTask().WaitAsync(Patience);
        Assert.NotNull(other.Circuit);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task New_streams_go_over_a_direct_connection_once_there_is_one()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        PrivateKey identity = PrivateKey.Generate();
        await using Libp2pHost dialer = await StartAsync(o => o with { Identity = identity, ListenAddresses = [] });
        await using Libp2pHost both = await StartAsync(o => o with { Relay = new RelayOptions { RelayServers = [trio.Relay.Addresses[0]] } });
        await RelayTrio.ReservedAsync(both);
        await dialer.ConnectAsync([Multiaddr.Parse($"{trio.Relay.Addresses[0]}/p2p-circuit/p2p/{both.PeerId}")]).AsTask().WaitAsync(Patience);
        await Poll.UntilAsync(() => both.AllConnections.Any(connection => connection.RemotePeer.Equals(dialer.PeerId)));
        Assert.NotNull((await both.ReachAsync([], dialer.PeerId, null, default)).Circuit);

        // of the same peer
        await using UpgradedConnection direct = await DialRawAsync(both, identity);
        Task running = direct.Session.RunAsync();
        await Poll.UntilAsync(() => both.AllConnections.Count(connection => connection.RemotePeer.Equals(dialer.PeerId)) == 2);
        Assert.Null((await both.ReachAsync([], dialer.PeerId, null, default)).Circuit);
        await direct.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_relay_that_dies_ends_the_connections_over_it_and_the_reservation_and_both_come_back_with_it()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        Libp2pConnection connection = await trio.ConnectAsync();
        Multiaddr address = trio.Relay.Addresses[0];
        await using (Libp2pStream stream = await trio.Dialer.OpenStreamAsync(trio.Listener.PeerId, ["/echo"]))
        {
            await trio.Relay.DisposeAsync();
            Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(async () => await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
            Assert.Contains(error.ErrorId, new[] { Libp2pErrorIds.ConnectionClosed, Libp2pErrorIds.StreamReset });
        }
        await connection.Ended.WaitAsync(Patience);
        await Poll.UntilAsync(() => trio.Listener.AnnouncedAddresses.FirstOrDefault() is null);
        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, async () => await trio.Dialer.ConnectAsync([Multiaddr.Parse($"{address}/p2p-circuit/p2p/{trio.Listener.PeerId}")]));

        trio.Relay = await StartAsync(o => o with { Identity = trio.RelayIdentity, ListenAddresses = [address.WithoutPeerId()], Relay = new RelayOptions { Relay = true } });
        await RelayTrio.ReservedAsync(trio.Listener);
        Assert.NotNull((await trio.ConnectAsync()).Circuit);
    }

    [Fact]
    public async Task A_reservation_is_renewed_before_it_ends_and_one_that_is_not_renewed_ends()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using RelayTrio trio = await RelayTrio.StartAsync(
            o => o with { RelayReservationTime = TimeSpan.FromMinutes(20) }, o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan, IdleTimeout = Timeout.InfiniteTimeSpan });
        long first = trio.Listener.Reservations[0].Since;

        // one that does not renew it
        await using Libp2pHost idle = await StartAsync(o => o with { ListenAddresses = [] });
        Libp2pConnection connection = await idle.ConnectAsync([trio.Relay.Addresses[0]]);
        await idle.Relays.ReserveAsync(connection, default).WaitAsync(Patience);
        Assert.Equal(2, trio.Relay.Relay!.Reservations);

        clock.Advance(TimeSpan.FromMinutes(18));
        await Poll.UntilAsync(() => trio.Listener.Reservations is [{ } renewed] && renewed.Since > first, "the renewal");
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(1, trio.Relay.Relay.Reservations);
        Assert.Single(trio.Listener.AnnouncedAddresses);
        await FailsWithAsync(
            Libp2pErrorIds.RelayNoReservation, async () => await trio.Dialer.ConnectAsync([Multiaddr.Parse($"{trio.Relay.Addresses[0]}/p2p-circuit/p2p/{idle.PeerId}")]));
    }

    [Fact]
    public async Task A_reservation_ends_with_the_connection_of_its_holder()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        await trio.Listener.DisposeAsync();
        await Poll.UntilAsync(() => trio.Relay.Relay!.Reservations == 0);
        await FailsWithAsync(Libp2pErrorIds.RelayNoReservation, trio.ConnectAsync);
    }

    [Fact]
    public async Task Nothing_is_relayed_unless_it_is_asked_for()
    {
        await using Libp2pHost plain = await StartAsync();
        await using Libp2pHost dialer = await StartAsync(o => o with { ListenAddresses = [] });
        Libp2pConnection connection = await dialer.ConnectAsync([plain.Addresses[0]]);
        await FailsWithAsync(Libp2pErrorIds.ProtocolNotSupported, () => dialer.Relays.ReserveAsync(connection, default));
        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.ProtocolNotSupported, async () => await dialer.ConnectAsync([Multiaddr.Parse($"{plain.Addresses[0]}/p2p-circuit/p2p/{PeerOf()}")]));
        Assert.Contains($"{plain.PeerId} is no relay", error.Message, StringComparison.Ordinal);
        Assert.Null(plain.Relay);
    }

    [Fact]
    public async Task Addresses_behind_a_relay_pass_the_rules_of_reach_by_the_relays_own()
    {
        Multiaddr near = Multiaddr.Parse($"/ip4/192.168.1.1/tcp/4001/p2p/{PeerOf()}/p2p-circuit/p2p/{PeerOf()}");
        Assert.False(DialRule.Default.Admits(near, AddressScope.World));
        Assert.True(DialRule.Default.Admits(near, AddressScope.Network));

        // and the dial of the relay is counted as that of any address that others give
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [], MaxStrangerDialsPerEndPoint = 2 });
        (System.Net.Sockets.Socket socket, Multiaddr closed) = ListenRaw();
        socket.Dispose();
        DialTerms terms = new(AddressScope.Machine, DialRule.Default, 8);
        PeerId relay = PeerOf();
        for (int i = 0; i < 2; i++)
        {
            await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => DialAsync());
        }
        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.LimitExceeded, () => DialAsync());
        Assert.Contains(nameof(Libp2pOptions.MaxStrangerDialsPerEndPoint), error.Message, StringComparison.Ordinal);

        Task DialAsync() => host.ConnectAsync([Multiaddr.Parse($"{closed}/p2p/{relay}/p2p-circuit/p2p/{PeerOf()}")], terms, default).AsTask();
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/4001/p2p/R/p2p-circuit/p2p/P", true)]
    [InlineData("/dnsaddr/relay.example/p2p/R/p2p-circuit/p2p/P", true)]
    [InlineData("/dns4/relay.example/tcp/443/wss/p2p/R/p2p-circuit/p2p/P", true)]
    [InlineData("/ip4/192.0.2.1/udp/4001/quic-v1/p2p/R/p2p-circuit/p2p/P", false)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/p2p/R/p2p-circuit", false)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/p2p-circuit/p2p/P", false)]
    [InlineData("/p2p/R/p2p-circuit/p2p/P", false)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/p2p/R/p2p-circuit/p2p/R/p2p-circuit/p2p/P", false)]
    public void What_leads_over_one_relay_that_can_be_dialled_is_dialable(string text, bool dialable)
    {
        (PeerId relay, PeerId peer) = (PeerOf(), PeerOf());
        Multiaddr address = Multiaddr.Parse(text.Replace("/R", $"/{relay}", StringComparison.Ordinal).Replace("/P", $"/{peer}", StringComparison.Ordinal));
        Assert.Equal(dialable, AddressTransports.IsDialable(address));
        Assert.False(AddressTransports.IsDirect(address));
        Assert.True(RelayedAddress.IsRelayed(address));
        if (dialable)
        {
            Assert.True(RelayedAddress.TryParse(address, out RelayedAddress? parsed));
            Assert.Equal((relay, peer, address), (parsed.RelayPeer, parsed.Peer, parsed.Address));
        }
    }

    private static PeerId PeerOf() => PrivateKey.Generate().PeerId;

    private static async Task<byte[]> EchoAsync(Libp2pHost host, PeerId peer, byte[] data)
    {
        await using Libp2pStream stream = await host.OpenStreamAsync(peer, ["/echo"]).AsTask().WaitAsync(Patience);
        Task<byte[]> read = ReadAllAsync(stream);
        await stream.WriteAsync(data).AsTask().WaitAsync(Patience);
        await stream.CloseWriteAsync();
        return await read.WaitAsync(Patience);
    }
}
