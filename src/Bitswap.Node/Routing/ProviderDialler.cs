using System.Collections.Concurrent;
using Bitswap.Node.Peers;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Routing;

/// <summary>
/// Answers the engine's searches: asks the sources that the node was told of, and connects to the providers they name. How many are dialled for one search,
/// how many at once for all, and for how long, is bounded by <see cref="RoutingOptions"/>.
/// </summary>
/// <param name="connector">Connects to providers.</param>
/// <param name="routing">The sources, and the limits.</param>
/// <param name="limit">The time one search has: that of the engine's patience.</param>
/// <param name="clock">The clock of every wait.</param>
/// <param name="log">Where it is told.</param>
internal sealed class ProviderDialler(PeerConnector connector, NodeRouting routing, TimeSpan limit, TimeProvider clock, ILogger log) : IDisposable
{
    // Of those that are over; they are few, since so many go on at once.
    private const int MaxShared = 1024;

    private readonly SemaphoreSlim _dials = new(routing.Options.MaxProviderDials, routing.Options.MaxProviderDials);
    private readonly RoutingOptions _options = routing.Options;
    private readonly SearchReports _reports = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Cid, SharedSearch> _shared = [];

    /// <summary>Returns the report of the last search for a block; null when there was none, or it is forgotten.</summary>
    public SearchReport? ReportOf(Cid cid) => _reports.Find(cid);

    /// <summary>
    /// Searches for one block, and for those above it in its graph, each a little after the one before, and ends when every search has. Those above are
    /// searched for once for all blocks below, within <see cref="RoutingOptions.AncestorSearchMemory"/>.
    /// </summary>
    /// <param name="cid">The block.</param>
    /// <param name="ancestors">The blocks above it, the nearest first.</param>
    /// <param name="connected">Told of each provider that is connected and speaks Bitswap, be it since long.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task SearchAsync(Cid cid, IReadOnlyList<Cid> ancestors, Func<PeerId, ValueTask> connected, CancellationToken cancellationToken)
    {
        // The loop, which starts it, has other work.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        SearchReport report = _reports.Begin(cid);
        List<Task> searches = [RunAsync(cid, report, connected, cancellationToken)];
        try
        {
            foreach (Cid ancestor in ancestors.Take(_options.AncestorsPerSearch))
            {
                await Task.WhenAny(searches[^1], Task.Delay(_options.AncestorSearchDelay, clock, cancellationToken)).ConfigureAwait(false);
                SharedSearch shared = Share(ancestor, cancellationToken);
                report.Include(ancestor, shared.Report);
                searches.Add(shared.TellAsync(connected));
            }
        }
        finally
        {
            await Task.WhenAll(searches).ConfigureAwait(false);
        }
    }

    private SharedSearch Share(Cid cid, CancellationToken stopping)
    {
        lock (_lock)
        {
            TimeSpan memory = _shared.Count < MaxShared ? _options.AncestorSearchMemory : TimeSpan.Zero;
            foreach (Cid old in _shared.Where(known => known.Value.IsOver(clock, memory)).Select(known => known.Key).ToArray())
            {
                _shared.Remove(old);
            }

            if (!_shared.TryGetValue(cid, out SharedSearch? shared))
            {
                shared = new SharedSearch(clock.GetTimestamp(), _reports.Begin(cid));
                shared.Task = Task.Run(() => RunAsync(cid, shared.Report, shared.FoundAsync, stopping), CancellationToken.None);
                _shared.Add(cid, shared);
            }

            return shared;
        }
    }

    private async Task RunAsync(Cid cid, SearchReport report, Func<PeerId, ValueTask> connected, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(limit, clock);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        ProviderDials dials = new(connector, routing, clock, cid, report, connected, _dials, enough, log, over.Token);
        report.Asks(routing.Sources);
        try
        {
            await ProviderSources.AskAllAsync(routing.Sources, cid, dials.FoundAsync, EndedAsync, null, clock, enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // As many are dialled as may be, or the time is over; what was found stands.
        }
        finally
        {
            await dials.EndAsync().ConfigureAwait(false);
            report.End();
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

    /// <summary>A search that several wait for, each of whom is told of what it found.</summary>
    private sealed class SharedSearch(long begun, SearchReport report)
    {
        private readonly ConcurrentQueue<PeerId> _found = new();

        public SearchReport Report => report;

        public Task Task { get; set; } = Task.CompletedTask;

        public bool IsOver(TimeProvider clock, TimeSpan memory) => Task.IsCompleted && clock.GetElapsedTime(begun) >= memory;

        public ValueTask FoundAsync(PeerId peer)
        {
            _found.Enqueue(peer);
            return ValueTask.CompletedTask;
        }

        public async Task TellAsync(Func<PeerId, ValueTask> connected)
        {
            await Task.ConfigureAwait(false);
            foreach (PeerId peer in _found.Distinct())
            {
                await connected(peer).ConfigureAwait(false);
            }
        }
    }
}
