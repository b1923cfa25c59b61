using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Protocols.Identify;
using Bitswap.Libp2p.Protocols.Identify.Wire;
using Bitswap.Libp2p.Yamux;
using Google.Protobuf;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.AutoNat;

/// <summary>A peer that dials a host from an address of its own, and says in identify whatever it likes of the host's address.</summary>
internal sealed class ReportingPeer : IAsyncDisposable
{
    private readonly UpgradedConnection _connection;
    private readonly Task _running;
    private readonly Task _serving;

    private ReportingPeer(UpgradedConnection connection, Multiaddr observed)
    {
        _connection = connection;
        _running = connection.Session.RunAsync();
        _serving = ServeAsync(observed);
    }

    public static async Task<ReportingPeer> ConnectAsync(Libp2pHost host, string from, string observed)
    {
        Assert.True(host.Addresses[0].TryGetTcp(out string? ip, out int port, out _));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(ip), port)).WaitAsync(Patience);
        var upgrader = new ConnectionUpgrader(new Libp2pOptions { Identity = PrivateKey.Generate() });
        return new ReportingPeer(
            await upgrader.UpgradeAsync(socket, ConnectionDirection.Outbound, host.PeerId, CancellationToken.None).WaitAsync(Patience), Multiaddr.Parse(observed));
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _running.WaitAsync(Patience);
        await _serving.WaitAsync(Patience);
    }

    private async Task ServeAsync(Multiaddr observed)
    {
        while (await _connection.Session.AcceptAsync(CancellationToken.None) is { } stream)
        {
            await MultistreamSelect.AcceptAsync(stream, [IdentifyService.Protocol], null, CancellationToken.None);
            await stream.WriteAsync(IdentifyCodec.Encode(new IdentifyMessage { ObservedAddr = ByteString.CopyFrom(observed.ToByteArray()), AgentVersion = "reporter" }), CancellationToken.None);
            await stream.CloseWriteAsync(CancellationToken.None);
        }
    }
}
