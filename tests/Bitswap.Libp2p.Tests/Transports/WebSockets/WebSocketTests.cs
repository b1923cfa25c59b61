using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Transports.WebSockets;

/// <summary>Hosts that listen on WebSockets and dial them, with TLS in front and without.</summary>
public sealed class WebSocketTests
{
    private const string Echo = "/test/echo";
    private static readonly Multiaddr _anyPort = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws");

    [Fact]
    public async Task A_host_that_listens_on_a_WebSocket_is_dialled_and_both_say_so()
    {
        await using Libp2pHost alice = await ListenAsync();
        await using Libp2pHost bob = await TestHosts.StartAsync();
        Assert.EndsWith("/ws", alice.Addresses[0].WithoutPeerId().ToString(), StringComparison.Ordinal);

        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses).Within();

        Assert.Equal(alice.Addresses[0].WithPeerId(alice.PeerId), connection.RemoteAddress);
        await Poll.UntilAsync(() => alice.Connections.Count == 1, "the connection is there at the other side");
        Libp2pConnection seen = Assert.Single(alice.Connections);
        Assert.EndsWith("/ws", seen.RemoteAddress.WithoutPeerId().ToString(), StringComparison.Ordinal);
        Assert.Equal(seen.RemoteAddress.WithoutPeerId(), connection.LocalAddress);
        await AssertEchoAsync(bob, alice.PeerId);
    }

    [Fact]
    public async Task TLS_in_front_is_spoken_with_the_name_that_the_address_gives()
    {
        await using Libp2pHost alice = await ListenAsync();
        await using TlsFront front = new("peer.example", EndPointOf(alice));
        await using Libp2pHost bob = await TestHosts.StartAsync(o => o with { WebSocketTrust = front.Trust });
        var address = Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{front.Port}/tls/sni/peer.example/ws/p2p/{alice.PeerId}");

        Libp2pConnection connection = await bob.ConnectAsync([address]).Within();

        Assert.Equal(address, connection.RemoteAddress);
        await AssertEchoAsync(bob, alice.PeerId);
    }

    [Theory]
    [InlineData(true, "other.example")]
    [InlineData(false, "peer.example")]
    public async Task A_certificate_that_is_not_valid_for_the_name_is_refused(bool trusted, string name)
    {
        await using Libp2pHost alice = await ListenAsync();
        await using TlsFront front = new("peer.example", EndPointOf(alice));
        await using Libp2pHost bob = await TestHosts.StartAsync(o => o with { WebSocketTrust = trusted ? front.Trust : null });

        Libp2pException error = await TestHosts.FailsWithAsync(
            Libp2pErrorIds.HandshakeFailed,
            () => bob.ConnectAsync([Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{front.Port}/tls/sni/{name}/ws/p2p/{alice.PeerId}")]).AsTask());

        Assert.Contains("certificate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_of_plain_TCP_is_no_WebSocket_and_the_other_way_round()
    {
        await using Libp2pHost plain = await TestHosts.StartAsync();
        await using Libp2pHost web = await ListenAsync();
        await using Libp2pHost bob = await TestHosts.StartAsync();

        // it greets before it hangs up, or hangs up first
        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(
            () => bob.ConnectAsync([plain.Addresses[0].WithoutPeerId().Encapsulate(Multiaddr.Parse("/ws"))]).Within());
        Assert.Contains(error.ErrorId, new[] { Libp2pErrorIds.HandshakeFailed, Libp2pErrorIds.PeerUnreachable });
        await Assert.ThrowsAsync<Libp2pException>(() => bob.ConnectAsync([Multiaddr.FromEndPoint(EndPointOf(web))]).Within());
    }

    [Fact]
    public async Task A_web_server_without_WebSockets_is_told_by_its_answer()
    {
        (Socket server, Multiaddr address) = TestHosts.ListenRaw();
        using Socket _ = server;
        await using Libp2pHost bob = await TestHosts.StartAsync();
        Task<Libp2pConnection> dial = bob.ConnectAsync([address.Encapsulate(Multiaddr.Parse("/ws"))]).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(TestHosts.Patience);
        await accepted.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray()).WaitAsync(TestHosts.Patience);

        Libp2pException error = await TestHosts.FailsWithAsync(Libp2pErrorIds.HandshakeFailed, () => dial);
        Assert.Contains("No WebSocket was opened", error.Message, StringComparison.Ordinal);
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 426 ")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET / HTTP/1.1\r\nno field\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "HTTP/1.1 426 ")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n\r\n", "HTTP/1.1 400 ")]
    // the key and the answer of RFC 6455, section 1.3
    [InlineData("GET /any?path HTTP/1.1\r\nHost: a\r\nupgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")]
    public async Task A_request_is_answered_as_RFC_6455_has_it(string request, string answer)
    {
        await using Libp2pHost alice = await ListenAsync();
        using Socket socket = await ConnectAsync(alice);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request)).WaitAsync(TestHosts.Patience);

        Assert.Equal(answer, await ReceiveAsync(socket, answer.Length));
    }

    [Fact]
    public async Task A_request_that_does_not_end_is_not_read_for_ever()
    {
        await using Libp2pHost alice = await ListenAsync();
        using Socket socket = await ConnectAsync(alice);

        // the refusal may reset the connection while the rest is sent
        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            while (true)
            {
                await socket.SendAsync(new byte[4096]).WaitAsync(TestHosts.Patience);
            }
        });
    }

    [Fact]
    public async Task A_server_that_never_answers_the_request_is_given_up_in_time()
    {
        (Socket server, Multiaddr address) = TestHosts.ListenRaw();
        using Socket _ = server;
        FakeTimeProvider clock = new();
        await using Libp2pHost bob = await TestHosts.StartAsync(
            o => o with { Clock = clock, DialTimeout = TimeSpan.FromHours(1), HandshakeTimeout = TimeSpan.FromSeconds(3) });
        Task<Libp2pConnection> dial = bob.ConnectAsync([address.Encapsulate(Multiaddr.Parse("/ws"))]).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(TestHosts.Patience);

        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return dial.IsCompleted;
            },
            "the handshake times out");

        await TestHosts.FailsWithAsync(Libp2pErrorIds.HandshakeTimeout, () => dial);
    }

    [Fact]
    public async Task Listening_over_TLS_is_refused_with_what_to_do()
    {
        Libp2pException error = await TestHosts.FailsWithAsync(
            Libp2pErrorIds.UnsupportedAddress,
            () => TestHosts.StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/wss")] }));

        Assert.Contains("Listen on /ws", error.Message, StringComparison.Ordinal);
    }

    private static async Task<Libp2pHost> ListenAsync()
    {
        Libp2pHost host = await TestHosts.StartAsync(o => o with { ListenAddresses = [_anyPort] });
        host.Handle(Echo, TestHosts.EchoAsync);
        return host;
    }

    private static IPEndPoint EndPointOf(Libp2pHost host) => new(IPAddress.Loopback, int.Parse(host.Addresses[0].Components[1].Value!, null));

    private static async Task<Socket> ConnectAsync(Libp2pHost host)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(EndPointOf(host)).WaitAsync(TestHosts.Patience);
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket, int count)
    {
        byte[] answer = new byte[count];
        int have = 0;
        while (have < count)
        {
            int received = await socket.ReceiveAsync(answer.AsMemory(have)).AsTask().WaitAsync(TestHosts.Patience);
            Assert.NotEqual(0, received);
            have += received;
        }
        return Encoding.ASCII.GetString(answer);
    }

    // more than any buffer on the way holds, in both directions
    private static async Task AssertEchoAsync(Libp2pHost from, PeerId to)
    {
        byte[] sent = new byte[3 << 20];
        new Random(7).NextBytes(sent);
        await using Libp2pStream stream = await from.OpenStreamAsync(to, [Echo]).Within();
        Task writing = Task.Run(async () =>
        {
            await stream.WriteAsync(sent);
            await stream.CloseWriteAsync();
        });
        Assert.Equal(sent, await TestHosts.ReadAllAsync(stream));
        await writing.WaitAsync(TestHosts.Patience);
    }
}
