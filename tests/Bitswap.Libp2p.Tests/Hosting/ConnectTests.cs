using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class ConnectTests
{
    [Fact]
    public async Task Two_hosts_connect_and_know_each_other()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();

        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
        await Poll.UntilAsync(() => alice.IsConnected(bob.PeerId), "alice sees bob");

        Assert.Equal(alice.PeerId, connection.RemotePeer);
        Assert.Equal(ConnectionDirection.Outbound, connection.Direction);
        Assert.Equal(alice.Addresses[0], connection.RemoteAddress);
        Libp2pConnection seen = Assert.Single(alice.Connections);
        Assert.Equal(bob.PeerId, seen.RemotePeer);
        Assert.Equal(ConnectionDirection.Inbound, seen.Direction);
        Assert.Equal(seen.RemoteAddress.WithoutPeerId(), connection.LocalAddress);
    }

    [Fact]
    public async Task Connecting_to_a_connected_peer_gives_the_connection_there_is()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();

        Libp2pConnection first = await bob.ConnectAsync(alice.Addresses);
        Libp2pConnection second = await bob.ConnectAsync(alice.Addresses);

        Assert.Same(first, second);
        Assert.Single(bob.Connections);
    }

    [Fact]
    public async Task An_address_without_a_peer_id_takes_whoever_answers()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();

        Libp2pConnection connection = await bob.ConnectAsync([alice.Addresses[0].WithoutPeerId()]);

        Assert.Equal(alice.PeerId, connection.RemotePeer);
    }

    [Fact]
    public async Task A_peer_that_proves_another_id_is_refused_and_the_host_lives_on()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        PeerId other = PrivateKey.Generate().PeerId;

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.PeerIdMismatch, () => bob.ConnectAsync([alice.Addresses[0].WithoutPeerId().WithPeerId(other)]).AsTask());

        Assert.Contains(alice.PeerId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty(bob.Connections);
        await bob.ConnectAsync(alice.Addresses);
    }

    [Fact]
    public async Task A_server_that_speaks_garbage_costs_that_dial_alone()
    {
        (Socket server, Multiaddr address) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost bob = await StartAsync();
        Task<Libp2pConnection> dial = bob.ConnectAsync([address]).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(Patience);
        await accepted.SendAsync("HTTP/1.1 400 Bad Request\r\nServer: one that speaks something else entirely, and at length\r\n\r\n"u8.ToArray());

        await FailsWithAsync(Libp2pErrorIds.NegotiationFailed, () => dial);

        Assert.Empty(bob.Connections);
        await using Libp2pHost alice = await StartAsync();
        await bob.ConnectAsync(alice.Addresses);
    }

    [Theory]
    [InlineData(3, 3600, Libp2pErrorIds.HandshakeTimeout)]
    [InlineData(3600, 3, Libp2pErrorIds.PeerUnreachable)]
    public async Task A_server_that_stays_silent_is_given_up_when_the_first_time_is_over(int handshakeSeconds, int dialSeconds, string errorId)
    {
        (Socket server, Multiaddr address) = ListenRaw();
        using Socket _ = server;
        FakeTimeProvider clock = new();
        await using Libp2pHost bob = await StartAsync(
            o => o with { Clock = clock, DialTimeout = TimeSpan.FromSeconds(dialSeconds), HandshakeTimeout = TimeSpan.FromSeconds(handshakeSeconds) });
        Task<Libp2pConnection> dial = bob.ConnectAsync([address]).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(Patience);

        await PassAsync(clock, dial);

        await FailsWithAsync(errorId, () => dial);
    }

    [Fact]
    public async Task A_dialer_that_stays_silent_is_dropped_in_time()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(o => o with { Clock = clock });
        using Socket silent = await DialSocketAsync(alice);
        Task<int> end = ReceiveToEndAsync(silent);

        await PassAsync(clock, end);

        Assert.Equal(0, await end);
    }

    [Fact]
    public async Task A_dial_to_oneself_is_refused()
    {
        await using Libp2pHost alice = await StartAsync();

        await FailsWithAsync(Libp2pErrorIds.DialToSelf, () => alice.ConnectAsync(alice.Addresses).AsTask());
        await FailsWithAsync(Libp2pErrorIds.DialToSelf, () => alice.ConnectAsync([alice.Addresses[0].WithoutPeerId()]).AsTask());

        Assert.Empty(alice.Connections);
    }

    [Fact]
    public async Task Addresses_must_be_of_one_peer()
    {
        await using Libp2pHost alice = await StartAsync();
        Multiaddr address = Multiaddr.Parse("/ip4/127.0.0.1/tcp/1");

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => alice.ConnectAsync([]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => alice.ConnectAsync(
            [address.WithPeerId(PrivateKey.Generate().PeerId), address.WithPeerId(PrivateKey.Generate().PeerId)]).AsTask());
    }

    [Fact]
    public async Task The_error_tells_each_address_own_failure()
    {
        (Socket server, Multiaddr closed) = ListenRaw();
        server.Dispose();
        await using Libp2pHost bob = await StartAsync();

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.PeerUnreachable,
            () => bob.ConnectAsync([Multiaddr.Parse("/ip4/127.0.0.1/udp/4001/quic-v1"), closed]).AsTask());

        Assert.Contains("/ip4/127.0.0.1/udp/4001/quic-v1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{closed}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/4001/quic-v1")]
    [InlineData("/ip4/127.0.0.1/tcp/4001/tls")]
    [InlineData("/unix/%2ftmp%2fsocket")]
    [InlineData("/dnsaddr/bootstrap.libp2p.io/udp/4001")]
    public async Task An_address_of_another_transport_is_not_supported(string text)
    {
        await using Libp2pHost bob = await StartAsync();

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.UnsupportedAddress, () => bob.ConnectAsync([Multiaddr.Parse(text)]).AsTask());

        Assert.Contains(text, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_name_is_resolved()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        Assert.True(alice.Addresses[0].TryGetTcp(out _, out int port, out _));

        Libp2pConnection connection = await bob.ConnectAsync(
            [Multiaddr.Parse($"/dns4/localhost/tcp/{port}/p2p/{alice.PeerId}")]).AsTask().WaitAsync(Patience);

        Assert.Equal(alice.PeerId, connection.RemotePeer);
    }

    [Fact]
    public async Task IPv6_works_where_the_machine_has_it()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        await using Libp2pHost alice = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip6/::1/tcp/0")] });
        await using Libp2pHost bob = await StartAsync();

        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);

        Assert.StartsWith("/ip6/::1/tcp/", connection.RemoteAddress.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_connects_at_once_share_one_connection()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();

        Libp2pConnection[] all = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Task.Run(() => bob.ConnectAsync(alice.Addresses).AsTask()))).WaitAsync(Patience);

        Assert.All(all, connection => Assert.Same(all[0], connection));
        Assert.Single(bob.Connections);
        await Poll.UntilAsync(() => alice.IsConnected(bob.PeerId), "alice sees bob");
        Assert.Single(alice.Connections);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_shared_dial_to_the_others()
    {
        (Socket server, Multiaddr address) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost bob = await StartAsync();
        using var impatient = new CancellationTokenSource();
        Task<Libp2pConnection> first = bob.ConnectAsync([address], impatient.Token).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(Patience);
        using var patient = new CancellationTokenSource();
        Task<Libp2pConnection> second = bob.ConnectAsync([address], patient.Token).AsTask();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience));
        // the greeting comes, and nothing after it: the dial is alive
        byte[] greeting = new byte[20];
        Assert.True(await accepted.ReceiveAsync(greeting) > 0);
        Assert.False(second.IsCompleted);

        await patient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Patience));
        Assert.True(await ReceiveToEndAsync(accepted).WaitAsync(Patience) >= 0);
    }

    [Fact]
    public async Task A_caller_with_other_addresses_is_not_failed_by_the_dial_it_joined()
    {
        (Socket server, Multiaddr wrong) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        Task<Libp2pConnection> first = bob.ConnectAsync([wrong.WithPeerId(alice.PeerId)]).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(Patience);
        Task<Libp2pConnection> second = bob.ConnectAsync(alice.Addresses).AsTask();

        accepted.Close(0);

        await Assert.ThrowsAsync<Libp2pException>(() => first.WaitAsync(Patience));
        Assert.Equal(alice.PeerId, (await second.WaitAsync(Patience)).RemotePeer);
    }

    [Fact]
    public async Task Hosts_that_dial_each_other_at_once_agree_on_one_connection_and_lose_no_stream()
    {
        for (int round = 0; round < 10; round++)
        {
            await using Libp2pHost alice = await StartAsync();
            await using Libp2pHost bob = await StartAsync();
            alice.Handle("/echo", EchoAsync);
            bob.Handle("/echo", EchoAsync);

            await Task.WhenAll(
                Task.Run(() => EchoedAsync(alice, bob)),
                Task.Run(() => EchoedAsync(bob, alice))).WaitAsync(Patience);
            await Poll.UntilAsync(() => alice.Connections.Count == bob.Connections.Count, "both see the same connections");

            await using Libp2pStream there = await alice.OpenStreamAsync(bob.PeerId, ["/echo"]);
            await using Libp2pStream back = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
            Assert.Equal(there.Connection.LocalAddress, back.Connection.RemoteAddress.WithoutPeerId());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_connections_of_a_peer_the_one_is_used_that_the_smaller_id_opened(bool isSmaller)
    {
        PrivateKey[] keys = [.. Enumerable.Range(0, 2).Select(_ => PrivateKey.Generate()).OrderBy(key => key.PeerId)];
        PrivateKey other = keys[isSmaller ? 1 : 0];
        await using Libp2pHost alice = await StartAsync(o => o with { Identity = keys[isSmaller ? 0 : 1] });
        await using Libp2pHost bob = await StartAsync(o => o with { Identity = other });
        await alice.ConnectAsync(bob.Addresses).AsTask().WaitAsync(Patience);
        await using UpgradedConnection back = await DialRawAsync(alice, other);
        _ = back.Session.RunAsync();
        await Poll.UntilAsync(() => alice.Connections.Count == 2, "both are up");

        Libp2pConnection used = await alice.ConnectAsync(bob.Addresses).AsTask().WaitAsync(Patience);

        Assert.Equal(isSmaller ? ConnectionDirection.Outbound : ConnectionDirection.Inbound, used.Direction);
    }

    private static Task PassAsync(FakeTimeProvider clock, Task ends) => Poll.UntilAsync(
        () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return ends.IsCompleted;
        },
        "the time is over");

    private static async Task EchoedAsync(Libp2pHost from, Libp2pHost to)
    {
        await from.ConnectAsync(to.Addresses);
        await using Libp2pStream stream = await from.OpenStreamAsync(to.PeerId, ["/echo"]);
        await stream.WriteAsync("over and back"u8.ToArray());
        await stream.CloseWriteAsync();
        Assert.Equal("over and back"u8.ToArray(), await ReadAllAsync(stream));
    }

    private static async Task<int> ReceiveToEndAsync(Socket socket)
    {
        byte[] buffer = new byte[256];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer)) > 0)
            {
            }
            return count;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
