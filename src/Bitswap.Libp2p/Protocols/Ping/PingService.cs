using System.Buffers;
using System.Security.Cryptography;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Protocols.Ping;

/// <summary>ping: 32 random bytes there and back (libp2p specs, ping/ping.md).</summary>
internal sealed class PingService
{
    /// <summary>The protocol's name.</summary>
    public const string Protocol = "/ipfs/ping/1.0.0";

    /// <summary>The streams of it that the specification lets one peer have open.</summary>
    public const int MaxPerPeer = 2;

    private const int PayloadSize = 32;

    private static readonly string[] _protocols = [Protocol];

    private readonly Libp2pOptions _options;
    private readonly StreamDispatcher _streams;

    public PingService(Libp2pOptions options, StreamDispatcher streams, ProtocolTable protocols)
    {
        _options = options;
        _streams = streams;
        protocols.Set(Protocol, new ProtocolHandler(EchoAsync, MaxPerPeer));
    }

    /// <summary>Measures one round trip, and adds it to the connection's latency.</summary>
    /// <exception cref="Libp2pException">
    /// PingTimeout: no answer in time. ProtocolViolation: another answer than what was sent. Or what opening a stream throws.
    /// </exception>
    public async ValueTask<TimeSpan> PingAsync(Libp2pConnection connection, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_options.PingTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            Libp2pStream opened = await _streams.OpenAsync(connection, _protocols, either.Token).ConfigureAwait(false);
            TimeSpan roundTrip = default;
            await opened.UseAsync(async stream => roundTrip = await MeasureAsync(stream, either.Token).ConfigureAwait(false)).ConfigureAwait(false);
            connection.Measured(roundTrip);
            return roundTrip;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PingTimeout,
                $"{connection.RemotePeer} did not answer a ping within {nameof(Libp2pOptions.PingTimeout)} ({_options.PingTimeout}).");
        }
    }

    private async Task<TimeSpan> MeasureAsync(Libp2pStream stream, CancellationToken ct)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(PayloadSize);
        byte[] received = new byte[PayloadSize];
        long start = _options.Clock.GetTimestamp();
        await stream.WriteAsync(sent, ct).ConfigureAwait(false);
        return await ReadWholeAsync(stream, received, ct).ConfigureAwait(false) && sent.AsSpan().SequenceEqual(received)
            ? _options.Clock.GetElapsedTime(start)
            : throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"{stream.RemotePeer} answered a ping with something else.");
    }

    private async Task EchoAsync(Libp2pStream stream, CancellationToken ct)
    {
        byte[] payload = ArrayPool<byte>.Shared.Rent(PayloadSize);
        try
        {
            while (true)
            {
                using var timeout = new CancellationTokenSource(_options.PingStreamIdleTimeout, _options.Clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
                try
                {
                    if (!await ReadWholeAsync(stream, payload.AsMemory(0, PayloadSize), either.Token).ConfigureAwait(false))
                    {
                        return;
                    }
                    await stream.WriteAsync(payload.AsMemory(0, PayloadSize), either.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
                {
                    // the dialer keeps the stream and has nothing to ask: it may open another when it has
                    stream.Reset();
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    /// <summary>Fills <paramref name="destination"/>.</summary>
    /// <returns>False when the other side ended first, whether between two pings or in one.</returns>
    private static async ValueTask<bool> ReadWholeAsync(Libp2pStream stream, Memory<byte> destination, CancellationToken ct)
    {
        while (!destination.IsEmpty)
        {
            int count = await stream.ReadAsync(destination, ct).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }
            destination = destination[count..];
        }
        return true;
    }
}
