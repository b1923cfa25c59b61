using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Security.Tls;
using Bitswap.Libp2p.Tests.Transports.Tcp;
using Bitswap.Libp2p.Transports.Tcp;

namespace Bitswap.Libp2p.Tests.Security.Tls;

/// <summary>Two ends of a connection that TLS secures, and what lies beneath them.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    public static readonly string[] Yamux = ["/yamux/1.0.0"];

    public static PrivateKey DialerKey { get; } = PrivateKey.FromSeed([.. Enumerable.Repeat((byte)1, 32)]);

    public static PrivateKey ListenerKey { get; } = PrivateKey.FromSeed([.. Enumerable.Repeat((byte)2, 32)]);

    public static TlsIdentity DialerIdentity { get; } = TlsIdentity.Create(DialerKey);

    public static TlsIdentity ListenerIdentity { get; } = TlsIdentity.Create(ListenerKey);

    public required TlsChannel Dialer { get; init; }

    public required TlsChannel Listener { get; init; }

    public required BufferedChannel RawDialer { get; init; }

    public required BufferedChannel RawListener { get; init; }

    public static Task<TlsPair> InMemoryAsync(int maxReceive = int.MaxValue)
    {
        Assert.SkipUnless(TlsConstants.IsSupported, "TLS 1.3 is not available on this system.");
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair(maxReceive);
        return SecureAsync(a, b);
    }

    public static async Task<TlsPair> OverLoopbackAsync()
    {
        Assert.SkipUnless(TlsConstants.IsSupported, "TLS 1.3 is not available on this system.");
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        return await SecureAsync(new TcpChannel(a), new TcpChannel(b));
    }

    /// <summary>Two raw ends in memory, or a skipped test where there is no TLS 1.3.</summary>
    public static (MemoryChannel Dialer, MemoryChannel Listener) Raw()
    {
        Assert.SkipUnless(TlsConstants.IsSupported, "TLS 1.3 is not available on this system.");
        return MemoryChannel.CreatePair();
    }

    public static Task<TlsChannel> InitiateAsync(BufferedChannel raw, PeerId? expected = null, IReadOnlyList<string>? muxers = null, CancellationToken ct = default) =>
        TlsHandshake.InitiateAsync(raw, DialerIdentity, expected, muxers ?? Yamux, TimeProvider.System, ct).AsTask();

    public static Task<TlsChannel> RespondAsync(BufferedChannel raw, PeerId? expected = null, IReadOnlyList<string>? muxers = null, CancellationToken ct = default) =>
        TlsHandshake.RespondAsync(raw, ListenerIdentity, expected, muxers ?? Yamux, TimeProvider.System, ct).AsTask();

    public static async Task<TlsPair> SecureAsync(BufferedChannel dialer, BufferedChannel listener)
    {
        Task<TlsChannel> initiating = InitiateAsync(dialer, ListenerKey.PeerId);
        Task<TlsChannel> responding = RespondAsync(listener);
        return new TlsPair
        {
            Dialer = await initiating.Within(),
            Listener = await responding.Within(),
            RawDialer = dialer,
            RawListener = listener,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Listener.DisposeAsync();
    }
}
