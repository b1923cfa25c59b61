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
    private readonly RoutingOptions _options = node.Routing.Options;
    private readonly SemaphoreSlim _dials = new(node.Routing.Options.MaxProviderDials, node.Routing.Options.MaxProviderDials);

    /// <summary>Searches for one block, and ends when every source has ended and every dial.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="connected">Told of each provider that is connected and speaks Bitswap, be it since long.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task SearchAsync(Cid cid, Func<PeerId, ValueTask> connected, CancellationToken cancellationToken)
    {
        // whoever starts it, the loop, has other work
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using CancellationTokenSource late = new(limit, node.Clock);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        Search search = new(cid, connected, enough, over.Token);
        try
        {
            await ProviderSources.AskAllAsync(
                node.Routing.Sources, cid, (found, token) => FoundAsync(search, found, token), EndedAsync, null, node.Clock, enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // as many are dialled as may be, or the time is over; what was found stands
        }
        finally
        {
            await Task.WhenAll(search.Dials).ConfigureAwait(false);
        }

        ValueTask EndedAsync(IProviderSource source, ProviderTally tally, Exception? failure)
        {
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

    private async ValueTask FoundAsync(Search search, FoundProvider found, CancellationToken cancellationToken)
    {
        if (found.Peer.Equals(node.PeerId) || !found.MaySpeakBitswap)
        {
            return;
        }

        if (await node.KeepAsync(found.Peer, cancellationToken).ConfigureAwait(false))
        {
            await search.Connected(found.Peer).ConfigureAwait(false);
            return;
        }

        Multiaddr[] addresses = [.. found.Addresses.Where(address => address.TryGetTcp(out _, out _, out _))];
        if (addresses.Length == 0 || !search.Dialled.TryAdd(found.Peer, 0))
        {
            return;
        }

        if (search.Dialled.Count > _options.ProvidersPerSearch)
        {
            await search.Enough.CancelAsync().ConfigureAwait(false);
            return;
        }

        // the source waits for room, and gives no more meanwhile
        await _dials.WaitAsync(cancellationToken).ConfigureAwait(false);
        search.Dials.Add(DialAsync(search, found.Peer, addresses));
    }

    private async Task DialAsync(Search search, PeerId peer, Multiaddr[] addresses)
    {
        using CancellationTokenSource late = new(_options.ProviderDialTimeout, node.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, search.Over);
        try
        {
            await node.ConnectAsync(addresses, either.Token).ConfigureAwait(false);
            if (node.SpeaksBitswap(peer))
            {
                await search.Connected(peer).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is BitswapException or OperationCanceledException)
        {
            log.ProviderUnreachable(peer, search.Cid, failure.Message);
        }
        finally
        {
            _dials.Release();
        }
    }

    /// <summary>What one search has found.</summary>
    private sealed record Search(Cid Cid, Func<PeerId, ValueTask> Connected, CancellationTokenSource Enough, CancellationToken Over)
    {
        public System.Collections.Concurrent.ConcurrentDictionary<PeerId, byte> Dialled { get; } = new();

        public System.Collections.Concurrent.ConcurrentBag<Task> Dials { get; } = [];
    }
}
