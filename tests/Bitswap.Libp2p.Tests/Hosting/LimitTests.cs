using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class LimitTests
{
    [Fact]
    public async Task One_inbound_connection_too_many_is_refused()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxInboundConnections = 1 });
        await using Libp2pHost bob = await StartAsync();
        await using Libp2pHost carol = await StartAsync();
        await bob.ConnectAsync(alice.Addresses);
        await Poll.UntilAsync(() => alice.Connections.Count == 1, "bob is in");

        await Assert.ThrowsAsync<Libp2pException>(() => carol.ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience));

        Assert.True(alice.IsConnected(bob.PeerId));
        await bob.DisconnectAsync(alice.PeerId);
        await Poll.UntilAsync(() => alice.HeldConnections == 0, "bob is out");
        await carol.ConnectAsync(alice.Addresses);
    }

    [Fact]
    public async Task Silent_sockets_of_other_addresses_hold_their_shares_and_take_from_themselves()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "of loopback only 127.0.0.1 can be bound there");
        await using Libp2pHost host = await StartAsync(o => o with
        {
            SplitsMachine = true,
            MaxPendingInboundHandshakes = 5,
            MaxPendingHandshakesPerAddress = 2,
            MaxPendingHandshakesPerSubnet = 4,
            HandshakeTimeout = TimeSpan.FromHours(1),
        });
        string[] from = ["127.0.1.1", "127.0.1.1", "127.0.1.2", "127.0.1.2"];
        List<TcpClient> silent = [];
        try
        {
            foreach (string address in from.Concat(from))
            {
                silent.Add(await DialFromAsync(address, host));
            }

            // each address has two places, and of its four sockets the first two made room
            foreach (TcpClient first in silent.Take(from.Length))
            {
                Assert.Equal(0, await first.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
            }

            await using Libp2pHost honest = await StartAsync();
            await honest.ConnectAsync(host.Addresses);
            Assert.All(silent.Skip(from.Length), last => Assert.Equal(0, last.Available));
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task One_outbound_connection_too_many_is_refused()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        await using Libp2pHost carol = await StartAsync(o => o with { MaxOutboundConnections = 1 });
        await carol.ConnectAsync(alice.Addresses);

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.LimitExceeded, () => carol.ConnectAsync(bob.Addresses).AsTask());

        Assert.Contains(nameof(Libp2pOptions.MaxOutboundConnections), error.Message, StringComparison.Ordinal);
        await bob.ConnectAsync(carol.Addresses);
    }

    [Fact]
    public async Task One_connection_too_many_is_refused_in_either_direction()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        await using Libp2pHost carol = await StartAsync(o => o with { MaxConnections = 1, HighWater = 1, LowWater = 1 });
        await carol.ConnectAsync(alice.Addresses);

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.LimitExceeded, () => carol.ConnectAsync(bob.Addresses).AsTask());

        Assert.Contains(nameof(Libp2pOptions.MaxConnections), error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Libp2pException>(() => bob.ConnectAsync(carol.Addresses).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task One_connection_of_a_peer_too_many_is_refused()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxConnectionsPerPeer = 2 });
        var identity = PrivateKey.Generate();
        UpgradedConnection[] allowed = [await DialRawAsync(alice, identity), await DialRawAsync(alice, identity)];
        await Poll.UntilAsync(() => alice.Connections.Count == 2, "two are in");

        UpgradedConnection third = await DialRawAsync(alice, identity);
        await third.Session.RunAsync().WaitAsync(Patience);

        Assert.Equal(2, alice.Connections.Count);
        foreach (UpgradedConnection connection in allowed.Append(third))
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task For_one_unfinished_handshake_too_many_the_one_that_is_silent_longest_goes()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxPendingInboundHandshakes = 2 });
        using Socket first = await DialSocketAsync(alice);
        using Socket second = await DialSocketAsync(alice);
        // connections are accepted in order, so the third is one too many
        using Socket third = await DialSocketAsync(alice);

        Assert.True(await IsClosedAsync(first));
    }

    [Theory]
    [InlineData(nameof(Libp2pOptions.MaxPendingInboundHandshakes))]
    [InlineData(nameof(Libp2pOptions.MaxPendingHandshakesOfMachine))]
    public async Task Sockets_that_say_nothing_keep_no_peer_out(string limit)
    {
        await using Libp2pHost alice = await StartAsync(o => limit == nameof(Libp2pOptions.MaxPendingInboundHandshakes)
            ? o with { MaxPendingInboundHandshakes = 4 }
            : o with { MaxPendingHandshakesOfMachine = 4 });
        List<Socket> silent = [];
        for (int i = 0; i < 30; i++)
        {
            silent.Add(await DialSocketAsync(alice));
        }

        for (int i = 0; i < 3; i++)
        {
            await using Libp2pHost bob = await StartAsync();
            await bob.ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
        }

        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Connections_from_this_machine_have_their_own_limit_and_a_refusal_says_busy()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxInboundConnectionsPerAddress = 1, MaxInboundConnectionsPerSubnet = 1, MaxInboundConnectionsOfMachine = 2 });
        Libp2pHost[] peers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync()));
        await peers[0].ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
        await peers[1].ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
        await Poll.UntilAsync(() => alice.Connections.Count == 2, "two are in");

        Libp2pException refused = await Assert.ThrowsAsync<Libp2pException>(() => peers[2].ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience));

        Assert.True(refused.Message.Contains("it may be busy", StringComparison.Ordinal), refused.ToString());
        await peers[0].DisconnectAsync(alice.PeerId);
        await Poll.UntilAsync(() => alice.HeldConnections == 1, "one is out");
        await peers[2].ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
        await Task.WhenAll(peers.Select(peer => peer.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Dials_over_the_limit_wait_their_turn()
    {
        (Socket server, Multiaddr silent) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync(o => o with { MaxPendingDials = 1 });
        using var cancellation = new CancellationTokenSource();
        Task<Libp2pConnection> first = bob.ConnectAsync([silent], cancellation.Token).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(Patience);

        Task<Libp2pConnection> second = bob.ConnectAsync(alice.Addresses).AsTask();
        Assert.False(second.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience));
        Assert.Equal(alice.PeerId, (await second.WaitAsync(Patience)).RemotePeer);
    }

    [Fact]
    public async Task Addresses_over_the_limit_are_not_tried_and_the_error_says_so()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync(o => o with { MaxAddressesPerDial = 1 });
        (Socket server, Multiaddr closed) = ListenRaw();
        server.Dispose();

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.PeerUnreachable, () => bob.ConnectAsync([closed, alice.Addresses[0]]).AsTask());

        Assert.Contains(nameof(Libp2pOptions.MaxAddressesPerDial), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_inbound_stream_too_many_on_a_connection_is_reset()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxInboundStreamsPerConnection = 3 });
        await StreamsAreBoundAsync(alice, 3);
    }

    [Fact]
    public async Task One_inbound_stream_too_many_of_a_peer_is_reset()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxInboundStreamsPerPeer = 3 });
        await StreamsAreBoundAsync(alice, 3);
    }

    [Fact]
    public async Task One_outbound_stream_too_many_is_refused()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync(o => o with { MaxOutboundStreamsPerConnection = 2 });
        alice.Handle("/echo", EchoAsync);
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);
        await Poll.UntilAsync(() => connection.IsIdentified && connection.OutboundStreams == 0, "identify is through");
        await using Libp2pStream first = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
        Libp2pStream second = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.LimitExceeded, () => bob.OpenStreamAsync(alice.PeerId, ["/echo"]).AsTask());

        Assert.Contains(nameof(Libp2pOptions.MaxOutboundStreamsPerConnection), error.Message, StringComparison.Ordinal);
        await second.DisposeAsync();
        await Poll.UntilAsync(() => connection.OutboundStreams == 1, "the disposed stream is gone");
        await using Libp2pStream third = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
    }

    [Fact]
    public async Task One_protocol_too_many_is_refused()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { MaxProtocols = 4 });
        alice.Handle("/one", EchoAsync);
        alice.Handle("/one", EchoAsync);

        Libp2pException error = Assert.Throws<Libp2pException>(() => alice.Handle("/two", EchoAsync));

        Assert.Equal(Libp2pErrorIds.LimitExceeded, error.ErrorId);
        alice.Unhandle("/one");
        alice.Handle("/two", EchoAsync);
    }

    private static async Task StreamsAreBoundAsync(Libp2pHost alice, int most)
    {
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);
        await Poll.UntilAsync(
            () => connection.IsIdentified && alice.Connections is [{ IsIdentified: true, StreamCount: 0 }] && connection.StreamCount == 0,
            "identify is through");
        List<Libp2pStream> open = [];
        for (int i = 0; i < most; i++)
        {
            open.Add(await bob.OpenStreamAsync(alice.PeerId, ["/echo"]));
        }

        await FailsWithAsync(Libp2pErrorIds.StreamReset, () => bob.OpenStreamAsync(alice.PeerId, ["/echo"]).AsTask());

        // those that were there are none the worse, and a place that is given back can be taken
        await open[1].WriteAsync(new byte[] { 9 });
        Assert.Equal(1, await open[1].ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        await open[0].DisposeAsync();
        await Poll.UntilAsync(() => alice.Connections[0].InboundStreams == most - 1, "a place is free");
        open[0] = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
        foreach (Libp2pStream stream in open)
        {
            await stream.DisposeAsync();
        }
    }

    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task<TcpClient> DialFromAsync(string address, Libp2pHost host)
    {
        TcpClient client = new(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), 0));
        string[] parts = host.Addresses[0].ToString().Split('/');
        await client.ConnectAsync(parts[2], int.Parse(parts[4], System.Globalization.CultureInfo.InvariantCulture));
        return client;
    }
}
