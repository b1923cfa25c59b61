using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;

namespace Bitswap.Libp2p.Tests.Hosting;

/// <summary>Hosts on loopback, and bounded waits for what they do.</summary>
internal static class TestHosts
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static readonly Multiaddr AnyPort = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");

    /// <summary>Options of a host that listens on a free port of loopback.</summary>
    public static Libp2pOptions Options() => new() { Identity = PrivateKey.Generate(), ListenAddresses = [AnyPort] };

    public static Task<Libp2pHost> StartAsync(Func<Libp2pOptions, Libp2pOptions>? configure = null) =>
        Libp2pHost.StartAsync(configure?.Invoke(Options()) ?? Options());


    /// <summary>A libp2p error with the given id.</summary>
    public static async Task<Libp2pException> FailsWithAsync(string errorId, Func<Task> action)
    {
        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => action().WaitAsync(Patience));
        Assert.True(error.ErrorId == errorId, $"expected {errorId}, got {error.ErrorId}: {error.Message}");
        return error;
    }

    /// <summary>A handler that sends back what comes, and ends when the other side does.</summary>
    public static async Task EchoAsync(Libp2pStream stream, CancellationToken ct)
    {
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await stream.ReadAsync(buffer, ct)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), ct);
        }
    }

    /// <summary>Reads to the end.</summary>
    public static async Task<byte[]> ReadAllAsync(Libp2pStream stream)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience)) > 0)
        {
            all.Write(buffer, 0, count);
        }
        return all.ToArray();
    }

    /// <summary>
    /// A secured connection to a host without a host behind it: what answers, and what does not, is up to the test. Its session does not
    /// run before the test runs it.
    /// </summary>
    public static async Task<UpgradedConnection> DialRawAsync(Libp2pHost host, PrivateKey? identity = null)
    {
        var upgrader = new ConnectionUpgrader(new Libp2pOptions { Identity = identity ?? PrivateKey.Generate() });
        return await upgrader.UpgradeAsync(await DialSocketAsync(host), ConnectionDirection.Outbound, host.PeerId, CancellationToken.None)
            .WaitAsync(Patience);
    }

    /// <summary>A bare socket to a host.</summary>
    public static async Task<Socket> DialSocketAsync(Libp2pHost host)
    {
        Assert.True(host.Addresses[0].TryGetTcp(out string? ip, out int port, out _));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(ip), port)).WaitAsync(Patience);
        return socket;
    }

    /// <summary>A listening socket of no host, and its address.</summary>
    public static (Socket Socket, Multiaddr Address) ListenRaw()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return (socket, Multiaddr.FromEndPoint((IPEndPoint)socket.LocalEndPoint!));
    }
}
