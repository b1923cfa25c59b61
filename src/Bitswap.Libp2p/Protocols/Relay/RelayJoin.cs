using System.Buffers;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Carries bytes between two streams until both sides have ended, one fails, or a limit is reached; then both are reset (circuit-v2.md, "Reservation"). It holds one buffer each way.
/// </summary>
internal sealed class RelayJoin(RelayChannel source, RelayChannel target, RelayOptions options, TimeProvider clock)
{
    private const int BufferSize = 32 * 1024;

    /// <summary>Carries.</summary>
    /// <returns>Why it ended, in words.</returns>
    public async Task<string> RunAsync(CancellationToken ct)
    {
        using CancellationTokenSource? late = options.MaxRelayCircuitTime > TimeSpan.Zero ? new CancellationTokenSource(options.MaxRelayCircuitTime, clock) : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, late?.Token ?? CancellationToken.None);
        Task<string?>[] ways = [CarryAsync(source, target, end.Token), CarryAsync(target, source, end.Token)];
        string? reason = await (await Task.WhenAny(ways).ConfigureAwait(false)).ConfigureAwait(false);
        if (reason is null)
        {
            reason = await ways[0].ConfigureAwait(false) ?? await ways[1].ConfigureAwait(false);
        }
        if (reason is null)
        {
            return "both sides ended it";
        }
        source.Reset();
        target.Reset();
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(ways).ConfigureAwait(false);
        return late is { IsCancellationRequested: true } && !ct.IsCancellationRequested
            ? $"{nameof(RelayOptions.MaxRelayCircuitTime)} ({options.MaxRelayCircuitTime}) is reached"
            : reason;
    }

    /// <summary>Carries one way.</summary>
    /// <returns>Null when the side that sends has ended, else why it cannot go on.</returns>
    private async Task<string?> CarryAsync(RelayChannel from, RelayChannel to, CancellationToken ct)
    {
        long left = options.MaxRelayCircuitBytes == 0 ? long.MaxValue : options.MaxRelayCircuitBytes;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                int count = await from.ReadAsync(buffer.AsMemory(0, BufferSize), ct).ConfigureAwait(false);
                if (count == 0)
                {
                    await to.CloseWriteAsync(ct).ConfigureAwait(false);
                    return null;
                }
                int carried = (int)Math.Min(count, left);
                await to.WriteAsync(buffer.AsMemory(0, carried), ct).ConfigureAwait(false);
                left -= carried;
                if (carried < count)
                {
                    return $"{nameof(RelayOptions.MaxRelayCircuitBytes)} ({options.MaxRelayCircuitBytes}) is reached";
                }
            }
        }
        catch (Exception error) when (error is Libp2pException or OperationCanceledException)
        {
            return error.Message;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
