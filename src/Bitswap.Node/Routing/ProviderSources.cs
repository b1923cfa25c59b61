using System.Runtime.CompilerServices;

namespace Bitswap.Node.Routing;

/// <summary>Searches in several sources at once.</summary>
internal static class ProviderSources
{
    /// <summary>Asks all sources, and ends when each has.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="cid">The block.</param>
    /// <param name="found">Takes a provider; a source waits for it before it gives the next. Several may be called at once, one a source.</param>
    /// <param name="ended">Told of each source when it has ended: what it gave, and why it failed, or null.</param>
    /// <param name="limit">The time each source has, after which it has failed with a <see cref="TimeoutException"/>; null for none.</param>
    /// <param name="clock">The clock of that.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static Task AskAllAsync(
        IEnumerable<IProviderSource> sources,
        Cid cid,
        Func<FoundProvider, CancellationToken, ValueTask> found,
        Func<IProviderSource, ProviderTally, Exception?, ValueTask> ended,
        TimeSpan? limit,
        TimeProvider clock,
        CancellationToken cancellationToken) =>
        Task.WhenAll(sources.Select(source => AskAsync(source, cid, found, ended, limit, clock, cancellationToken)));

    private static async Task AskAsync(
        IProviderSource source,
        Cid cid,
        Func<FoundProvider, CancellationToken, ValueTask> found,
        Func<IProviderSource, ProviderTally, Exception?, ValueTask> ended,
        TimeSpan? limit,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        ProviderTally tally = new();
        Exception? failure = null;
        using CancellationTokenSource time = new(Timeout.InfiniteTimeSpan, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            IAsyncEnumerator<FoundProvider> providers = source.FindAsync(cid, tally, either.Token).GetAsyncEnumerator(either.Token);
            await using ConfiguredAsyncDisposable owned = providers.ConfigureAwait(false);
            TimeSpan left = limit ?? TimeSpan.Zero;
            while (true)
            {
                // The time in which the caller takes what was found is not the source's.
                long began = clock.GetTimestamp();
                time.CancelAfter(limit is null ? Timeout.InfiniteTimeSpan : left);
                bool isOne = await providers.MoveNextAsync().ConfigureAwait(false);
                time.CancelAfter(Timeout.InfiniteTimeSpan);
                left -= clock.GetElapsedTime(began);
                left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
                if (!isOne)
                {
                    break;
                }

                await found(providers.Current, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            failure = new TimeoutException();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // Whatever it is: the others go on, and the search ends.
            failure = failed;
        }

        await ended(source, tally, failure).ConfigureAwait(false);
    }
}
