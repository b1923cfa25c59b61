using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Routing;

/// <summary>
/// Answers the engine's searches: asks the sources that the node was told of, and connects to the providers they name. How many are dialled for one search,
/// how many at once for all, and for how long, is bounded by <see cref="RoutingOptions"/>.
/// </summary>
/// <param name="node">The node that searches.</param>
/// <param name="limit">The time one search has: that of the engine's patience.</param>
/// <param name="log">Where it is told.</param>
internal sealed class ProviderDialler(NodeHost node, TimeSpan limit, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _dials = new(node.Routing.Options.MaxProviderDials, node.Routing.Options.MaxProviderDials);
    private readonly SearchReports _reports = new();

    /// <summary>What came of the last search for a block; null when there was none, or it is forgotten.</summary>
    public SearchReport? ReportOf(Cid cid) => _reports.Find(cid);

    /// <summary>Searches for one block, and ends when every source has ended and every dial.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="connected">Told of each provider that is connected and speaks Bitswap, be it since long.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task SearchAsync(Cid cid, Func<PeerId, ValueTask> connected, CancellationToken cancellationToken)
    {
        // whoever starts it, the loop, has other work
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        SearchReport report = _reports.Begin(cid);
        using CancellationTokenSource late = new(limit, node.Clock);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        ProviderDials search = new(node, cid, report, connected, _dials, enough, log, over.Token);
        try
        {
            await ProviderSources.AskAllAsync(node.Routing.Sources, cid, search.FoundAsync, EndedAsync, null, node.Clock, enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // as many are dialled as may be, or the time is over; what was found stands
        }
        finally
        {
            await search.EndAsync().ConfigureAwait(false);
        }

        log.ProvidersNamed(cid, report.Summary());

        ValueTask EndedAsync(IProviderSource source, ProviderTally tally, Exception? failure)
        {
            report.Ended(source, tally, failure);
            if (failure is null)
            {
                log.ProvidersFound(source.Name, cid, tally.ToString());
            }
            else
            {
                log.SourceFailed(source.Name, cid, failure.Message);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _dials.Dispose();
}
