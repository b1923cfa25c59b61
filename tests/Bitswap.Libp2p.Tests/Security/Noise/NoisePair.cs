using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Security.Noise;
using Bitswap.Libp2p.Tests.Transports.Tcp;
using Bitswap.Libp2p.Transports.Tcp;

namespace Bitswap.Libp2p.Tests.Security.Noise;

/// <summary>Two ends of a secured connection and what lies beneath them.</summary>
internal sealed class NoisePair : IAsyncDisposable
{
    public static PrivateKey DialerIdentity { get; } = PrivateKey.FromSeed([.. Enumerable.Repeat((byte)1, 32)]);

    public static PrivateKey ListenerIdentity { get; } = PrivateKey.FromSeed([.. Enumerable.Repeat((byte)2, 32)]);

    public required NoiseChannel Dialer { get; init; }

    public required NoiseChannel Listener { get; init; }

    public required BufferedChannel RawDialer { get; init; }

    public required BufferedChannel RawListener { get; init; }

    public static Task<NoisePair> InMemoryAsync(NoiseOptions? options = null, int maxReceive = int.MaxValue)
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair(maxReceive);
        return SecureAsync(a, b, options);
    }

    public static async Task<NoisePair> OverLoopbackAsync()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        return await SecureAsync(new TcpChannel(a), new TcpChannel(b), null);
    }

    public static async Task<NoisePair> SecureAsync(BufferedChannel dialer, BufferedChannel listener, NoiseOptions? options)
    {
        Task<NoiseChannel> initiating =
            NoiseHandshake.InitiateAsync(dialer, DialerIdentity, ListenerIdentity.PeerId, ["/yamux/1.0.0"], options, default).AsTask();
        Task<NoiseChannel> responding = NoiseHandshake.RespondAsync(listener, ListenerIdentity, null, ["/yamux/1.0.0"], options, default).AsTask();
        return new NoisePair
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
