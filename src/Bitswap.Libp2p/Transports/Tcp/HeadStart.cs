namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Represents the time that direct addresses have before those over a relay are tried beside them. It ends when all of them have failed.</summary>
/// <param name="direct">How many direct ones there are.</param>
/// <param name="delay">How long it is at most.</param>
/// <param name="clock">The time.</param>
internal sealed class HeadStart(int direct, TimeSpan delay, TimeProvider clock) : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private int _left = direct;

    /// <summary>Counts an attempt at a direct address.</summary>
    public async Task<T> RunAsync<T>(Task<T> attempt)
    {
        try
        {
            return await attempt.ConfigureAwait(false);
        }
        catch
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                await _over.CancelAsync().ConfigureAwait(false);
            }
            throw;
        }
    }

    /// <summary>Waits for its end.</summary>
    public async Task WaitAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref _left) > 0)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _over.Token);
            await Task.Delay(delay, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();
}
