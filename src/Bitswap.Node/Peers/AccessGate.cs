using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>Asks the user's filter, so many times at once and each time within a limit. Whatever goes wrong denies.</summary>
/// <param name="filter">The filter.</param>
/// <param name="limit">How long one answer may take, the wait for a slot included.</param>
/// <param name="parallelism">
/// The slots. A call that does not end keeps its slot until it does, so that at most this many threads can hang.
/// </param>
/// <param name="clock">The clock of the limit.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class AccessGate(BlockFilter filter, TimeSpan limit, int parallelism, TimeProvider clock, ILogger log)
{
    private readonly SemaphoreSlim _slots = new(parallelism, parallelism);
    private volatile BlockFilter _filter = filter;
    private long _denied;
    private long _failed;
    private long _late;

    /// <summary>Gets or sets the filter. Another takes over with the next want.</summary>
    public BlockFilter Filter
    {
        get => _filter;
        set => _filter = value;
    }

    /// <summary>Wants denied, for whichever reason.</summary>
    public long Denied => Interlocked.Read(ref _denied);

    /// <summary>Calls that threw.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Calls that took too long.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>Returns the CIDs of a wantlist that the peer may not have.</summary>
    /// <exception cref="OperationCanceledException">The peer is gone.</exception>
    public async ValueTask<IReadOnlySet<Cid>> DenyAsync(PeerId peer, IReadOnlyList<WantlistEntry> entries, CancellationToken gone)
    {
        HashSet<Cid> denied = [];
        foreach (WantlistEntry entry in entries)
        {
            if (!entry.Cancel && !await AllowsAsync(peer, entry.Cid, gone).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _denied);
                denied.Add(entry.Cid);
            }
        }

        return denied;
    }

    private async ValueTask<bool> AllowsAsync(PeerId peer, Cid cid, CancellationToken gone)
    {
        using CancellationTokenSource late = new(limit, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, gone);
        try
        {
            await _slots.WaitAsync(either.Token).ConfigureAwait(false);
            return await CallAsync(peer, cid, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (gone.IsCancellationRequested)
        {
            throw new OperationCanceledException(gone);
        }
        catch (Exception) when (late.IsCancellationRequested)
        {
            Interlocked.Increment(ref _late);
            log.FilterLate(peer, cid, limit);
            return false;
        }
        catch (Exception failure)
        {
            // A filter may be anyone's code: whatever it throws denies.
            Interlocked.Increment(ref _failed);
            log.FilterFailed(peer, cid, failure.Message);
            return false;
        }
    }

    private Task<bool> CallAsync(PeerId peer, Cid cid, CancellationToken over)
    {
        // On a thread of its own, since a filter may well block.
        Task<bool> call = Task.Run(
            async () =>
            {
                try
                {
                    return await Filter(peer, cid, over).ConfigureAwait(false);
                }
                finally
                {
                    _slots.Release();
                }
            },
            CancellationToken.None);
        _ = call.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return call;
    }
}
