using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Relay;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Relay;

/// <summary>What a relay of ours gives and what it does not.</summary>
public sealed class RelayLimitTests
{
    [Fact]
    public async Task A_connection_ends_with_the_bytes_that_the_relay_carries()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(o => o with { MaxRelayCircuitBytes = 64 << 10, MaxRelayCircuitTime = TimeSpan.Zero });
        Libp2pConnection connection = await trio.ConnectAsync();
        Assert.Equal(new RelayCircuit(trio.Relay.PeerId, null, 64 << 10), connection.Circuit);
        await using (Libp2pStream stream = await trio.Dialer.OpenStreamAsync(trio.Listener.PeerId, ["/echo"]))
        {
            Task<byte[]> read = ReadAllAsync(stream);
            await Assert.ThrowsAsync<Libp2pException>(async () => await stream.WriteAsync(new byte[1 << 20]).AsTask().WaitAsync(Patience));
            await Assert.ThrowsAsync<Libp2pException>(() => read);
        }
        await connection.Ended.WaitAsync(Patience);
        Assert.Contains("The relay's limit is 65536 bytes each way", connection.CloseReason, StringComparison.Ordinal);
        await Poll.UntilAsync(() => trio.Relay.Relay!.Circuits == 0);

        // the reservation holds, and the next connection has its own
        Assert.NotSame(connection, await trio.ConnectAsync());
    }

    [Fact]
    public async Task A_connection_ends_with_the_time_that_the_relay_gives_it()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using RelayTrio trio = await RelayTrio.StartAsync(
            o => o with { MaxRelayCircuitTime = TimeSpan.FromMinutes(1) }, onRelay: o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan, IdleTimeout = Timeout.InfiniteTimeSpan });
        Libp2pConnection connection = await trio.ConnectAsync();
        Assert.Equal(TimeSpan.FromMinutes(1), connection.Circuit!.MaxTime);
        clock.Advance(TimeSpan.FromSeconds(59));
        await using (Libp2pStream stream = await trio.Dialer.OpenStreamAsync(trio.Listener.PeerId, ["/echo"]))
        {
            Assert.Equal(0, connection.Session.Fault is null ? 0 : 1);
        }
        clock.Advance(TimeSpan.FromSeconds(1));
        await connection.Ended.WaitAsync(Patience);
        await Poll.UntilAsync(() => trio.Relay.Relay!.Circuits == 0);
        Assert.Equal(1, trio.Relay.Relay!.Reservations);
    }

    [Fact]
    public async Task Only_the_peers_that_are_named_hold_reservations_and_everyone_may_reach_them()
    {
        PrivateKey own = PrivateKey.Generate();
        await using RelayTrio trio = await RelayTrio.StartAsync(o => o with { RelayPeers = [own.PeerId] }, reserve: false);
        Libp2pConnection connection = await trio.Listener.ConnectAsync([trio.Relay.Addresses[0]]);
        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.RelayPermissionDenied, () => trio.Listener.Relays.ReserveAsync(connection, default));
        Assert.Contains("it serves other peers", error.Message, StringComparison.Ordinal);

        await using Libp2pHost named = await StartAsync(o => o with { Identity = own, ListenAddresses = [], Relay = new RelayOptions { RelayServers = [trio.Relay.Addresses[0]] } });
        await RelayTrio.ReservedAsync(named);
        Assert.NotNull((await trio.Dialer.ConnectAsync(named.AnnouncedAddresses.ToArray()).AsTask().WaitAsync(Patience)).Circuit);
    }

    [Fact]
    public async Task Reservations_are_bounded_in_all_and_by_address_and_a_renewal_is_no_further_one()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(o => o with { MaxRelayReservations = 2 });
        await using Libp2pHost second = await StartAsync(o => o with { ListenAddresses = [] });
        Libp2pConnection connection = await second.ConnectAsync([trio.Relay.Addresses[0]]);
        await second.Relays.ReserveAsync(connection, default).WaitAsync(Patience);
        await second.Relays.ReserveAsync(connection, default).WaitAsync(Patience);
        Libp2pConnection third = await trio.Dialer.ConnectAsync([trio.Relay.Addresses[0]]);
        await FailsWithAsync(Libp2pErrorIds.RelayResourceLimit, () => trio.Dialer.Relays.ReserveAsync(third, default));

        // one that has gone makes room
        await second.DisposeAsync();
        await Poll.UntilAsync(() => trio.Relay.Relay!.Reservations == 1);
        await trio.Dialer.Relays.ReserveAsync(third, default).WaitAsync(Patience);

        RelayTable table = new(new RelayOptions { MaxRelayReservationsPerAddress = 1, MaxRelayReservationsPerSubnet = 2 }, TimeProvider.System, false, _ => new Nothing());
        Assert.NotNull(Reserve("8.8.8.1"));
        Assert.Null(Reserve("8.8.8.1"));
        Assert.NotNull(Reserve("8.8.8.2"));
        Assert.Null(Reserve("8.8.8.3"));
        Assert.NotNull(Reserve("8.8.9.3"));

        DateTimeOffset? Reserve(string ip) => table.Reserve(PrivateKey.Generate().PeerId, System.Net.IPAddress.Parse(ip), out _);
    }

    [Fact]
    public async Task Relayed_connections_are_bounded_by_who_dials_and_by_who_is_dialled()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(o => o with { MaxRelayCircuitsPerPeer = 1 });
        Libp2pConnection first = await trio.ConnectAsync();
        await using Libp2pHost second = await StartAsync(o => o with { ListenAddresses = [] });
        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.RelayResourceLimit, async () => await second.ConnectAsync([trio.Address]));
        Assert.Contains("has no room for another connection", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, trio.Relay.Relay!.Circuits);

        await trio.Dialer.DisconnectAsync(first.RemotePeer);
        await Poll.UntilAsync(() => trio.Relay.Relay.Circuits == 0);
        Assert.NotNull((await second.ConnectAsync([trio.Address]).AsTask().WaitAsync(Patience)).Circuit);

        RelayTable table = new(new RelayOptions { MaxRelayCircuits = 2, MaxRelayCircuitsPerPeer = 1 }, TimeProvider.System, false, _ => new Nothing());
        PeerId[] peers = [.. Enumerable.Range(0, 6).Select(_ => PrivateKey.Generate().PeerId)];
        RelayPlace? place = table.TryTake(peers[0], peers[1]);
        Assert.NotNull(place);
        Assert.Null(table.TryTake(peers[2], peers[1]));
        Assert.Null(table.TryTake(peers[0], peers[3]));
        Assert.NotNull(table.TryTake(peers[2], peers[3]));
        Assert.Null(table.TryTake(peers[4], peers[5]));
        place.Dispose();
        place.Dispose();
        Assert.Equal(1, table.Circuits);
        Assert.NotNull(table.TryTake(peers[4], peers[5]));
    }

    [Fact]
    public async Task A_relay_serves_no_peer_over_another_relay()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        await using Libp2pHost behind = await StartAsync(o => o with
        {
            ListenAddresses = [],
            Relay = new RelayOptions { Relay = true, RelayServers = [trio.Relay.Addresses[0]] },
        });
        await RelayTrio.ReservedAsync(behind);
        Libp2pConnection relayed = await trio.Dialer.ConnectAsync(behind.AnnouncedAddresses.ToArray()).AsTask().WaitAsync(Patience);
        Assert.NotNull(relayed.Circuit);
        await FailsWithAsync(Libp2pErrorIds.RelayPermissionDenied, () => trio.Dialer.Relays.ReserveAsync(relayed, default));

        // nor does this host try
        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.PeerUnreachable, () => trio.Dialer.Relays.ReachAsync(behind.PeerId, [], null, 8, default));
        Assert.Contains("does not go over two", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_is_connected_over_another_is_dialled_directly()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        await using Libp2pHost both = await StartAsync(o => o with { Relay = new RelayOptions { Relay = true, RelayServers = [trio.Relay.Addresses[0]] } });
        await RelayTrio.ReservedAsync(both);
        Libp2pConnection relayed = await trio.Dialer.ConnectAsync([Multiaddr.Parse($"{trio.Relay.Addresses[0]}/p2p-circuit/p2p/{both.PeerId}")]).AsTask().WaitAsync(Patience);
        Assert.NotNull(relayed.Circuit);

        using (trio.Dialer.Leases.Take(both.PeerId))
        {
            Libp2pConnection direct = await trio.Dialer.Relays.ReachAsync(both.PeerId, [both.Addresses[0]], null, 8, default).WaitAsync(Patience);
            Assert.Null(direct.Circuit);
            await trio.Dialer.Relays.ReserveAsync(direct, default).WaitAsync(Patience);
        }
        Assert.False(relayed.IsClosing);
    }

    [Fact]
    public async Task An_address_of_a_relay_that_names_no_peer_behind_it_says_what_is_missing()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false);
        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.UnsupportedAddress, async () => await trio.Dialer.ConnectAsync([Multiaddr.Parse($"{trio.Relay.Addresses[0]}/p2p-circuit")]));
        Assert.Contains("names no peer behind it: add /p2p/ and the id of the peer", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("is not spoken here", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("has only", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_a_relay_that_stands_for_relays_again_is_looked_up_once()
    {
        (PeerId relay, PeerId next, PeerId peer) = (PrivateKey.Generate().PeerId, PrivateKey.Generate().PeerId, PrivateKey.Generate().PeerId);
        int lookUps = 0;
        await using Libp2pHost host = await StartAsync(o => o with
        {
            ListenAddresses = [],
            LookUpText = (_, _) =>
            {
                // so many that it is plain, and an end to it where it is not mended
                PeerId over = Interlocked.Increment(ref lookUps) % 2 == 1 ? next : relay;
                PeerId behind = over.Equals(next) ? relay : next;
                return Task.FromResult<IReadOnlyList<string>>(lookUps > 50 ? [] : [$"dnsaddr=/dnsaddr/n{lookUps}.example/p2p/{over}/p2p-circuit/p2p/{behind}"]);
            },
        });
        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.PeerUnreachable, async () => await host.ConnectAsync([Multiaddr.Parse($"/dnsaddr/n.example/p2p/{relay}/p2p-circuit/p2p/{peer}")]));
        Assert.Contains("a relay is dialled directly", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, lookUps);
    }

    [Fact]
    public async Task A_holder_of_a_reservation_that_takes_no_connection_is_an_error_of_its_own()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false);
        // it reserves, and answers no stop protocol
        Libp2pConnection connection = await trio.Listener.ConnectAsync([trio.Relay.Addresses[0]]);
        HeldReservation reservation = await trio.Listener.Relays.ReserveAsync(connection, default).WaitAsync(Patience);
        Assert.Equal(trio.Relay.Addresses, reservation.Addresses);
        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.RelayConnectionFailed, trio.ConnectAsync);
        Assert.Contains("did not get through", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, trio.Relay.Relay!.Circuits);
    }

    [Fact]
    public async Task A_host_takes_no_more_connections_of_one_relay_than_its_bound()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false);
        await using Libp2pHost few = await StartAsync(o => o with { ListenAddresses = [], Relay = new RelayOptions { RelayServers = [trio.Relay.Addresses[0]], MaxConnectionsPerRelay = 1 } });
        await RelayTrio.ReservedAsync(few);
        await trio.Dialer.ConnectAsync(few.AnnouncedAddresses.ToArray()).AsTask().WaitAsync(Patience);
        await FailsWithAsync(Libp2pErrorIds.RelayConnectionFailed, async () => await trio.Listener.ConnectAsync(few.AnnouncedAddresses.ToArray()));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new RelayOptions { RelayServers = [Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001")] });
        Assert.Throws<ArgumentException>(() => new RelayOptions { RelayServers = [Multiaddr.Parse($"/ip4/192.0.2.1/tcp/4001/p2p/{PrivateKey.Generate().PeerId}/p2p-circuit/p2p/{PrivateKey.Generate().PeerId}")] });
        Assert.Throws<ArgumentException>(() => new RelayOptions { RelayServers = [.. Enumerable.Range(1, 9).Select(i => Multiaddr.Parse($"/ip4/192.0.2.{i}/tcp/4001/p2p/{PrivateKey.Generate().PeerId}"))] });
        Assert.Contains("names no peer", Assert.Throws<ArgumentException>(() => new RelayOptions { RelayPeers = [] }).Message, StringComparison.Ordinal);
        Assert.Empty(new RelayOptions { Relay = true }.RelayPeers);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RelayOptions { MaxRelayCircuitBytes = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RelayOptions { MaxRelayCircuitTime = TimeSpan.FromMilliseconds(10) });
        Assert.Equal(0, new RelayOptions { MaxRelayCircuitBytes = 0 }.MaxRelayCircuitBytes);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
