using Bitswap.Libp2p.Addresses;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Routing;

/// <summary>The dials of one search: what the sources say of one provider is put together, looked up where it cannot be dialled, and tried.</summary>
internal sealed class ProviderDials(
    NodeHost node,
    Cid cid,
    SearchReport report,
    Func<PeerId, ValueTask> connected,
    SemaphoreSlim turns,
    CancellationTokenSource enough,
    ILogger log,
    CancellationToken over)
{
    private readonly RoutingOptions _options = node.Routing.Options;
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Provider> _providers = [];
    private readonly List<Task> _dials = [];

    /// <summary>Takes a provider that a source names; waits while as many are dialled as may be.</summary>
    public async ValueTask FoundAsync(FoundProvider found, CancellationToken cancellationToken)
    {
        if (found.Peer.Equals(node.PeerId))
        {
            return;
        }

        if (ProviderObstacle.OfProtocols(found.Protocols) is { } obstacle)
        {
            report.Add(found.Peer, obstacle.Name);
            return;
        }

        if (await node.KeepAsync(found.Peer, cancellationToken).ConfigureAwait(false))
        {
            report.Add(found.Peer, SearchReport.Connected);
            await connected(found.Peer).ConfigureAwait(false);
            return;
        }

        Provider? provider;
        lock (_lock)
        {
            if (!_providers.TryGetValue(found.Peer, out Provider? known))
            {
                known = _providers.Count < _options.ProvidersPerSearch ? new Provider(found.Peer) : null;
                if (known is not null)
                {
                    _providers.Add(found.Peer, known);
                }
            }

            provider = known;
            provider?.Add(found.Addresses, _options.MaxProviderAddresses);
            if (provider is { IsBusy: true } or { IsDone: true })
            {
                return;
            }

            provider?.IsBusy = true;
        }

        if (provider is null)
        {
            await enough.CancelAsync().ConfigureAwait(false);
            return;
        }

        // the source waits for room, and gives no more meanwhile
        await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task dial = DialAsync(provider);
        lock (_lock)
        {
            _dials.Add(dial);
        }
    }

    /// <summary>Waits for the dials. No more providers may be named by then.</summary>
    public Task EndAsync() => Task.WhenAll(_dials);

    private async Task DialAsync(Provider provider)
    {
        try
        {
            while (TryTake(provider, out Multiaddr[] addresses))
            {
                if (addresses.Length > 0)
                {
                    await TryAsync(provider, addresses).ConfigureAwait(false);
                }
                else
                {
                    await LookUpAsync(provider).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>What is to be tried next: addresses that were not, or none, to look the peer up; false when there is nothing to try.</summary>
    private bool TryTake(Provider provider, out Multiaddr[] addresses)
    {
        lock (_lock)
        {
            addresses = over.IsCancellationRequested || provider.IsDone ? [] : provider.TakeDialable();
            bool isMore = addresses.Length > 0 || (!provider.WasTried && !provider.WasLookedUp && !over.IsCancellationRequested);
            provider.IsBusy = isMore;
            return isMore;
        }
    }

    private async Task LookUpAsync(Provider provider)
    {
        provider.WasLookedUp = true;
        try
        {
            PeerLookup lookup = await node.Routing.Peers.FindAsync(provider.Peer, over).ConfigureAwait(false);
            lock (_lock)
            {
                provider.Add(lookup.Addresses, _options.MaxProviderAddresses);
            }

            if (lookup.ObstacleOf(provider.Addresses) is { } obstacle)
            {
                report.Add(provider.Peer, obstacle.Name);
                log.ProviderUnreachable(provider.Peer, cid, obstacle.Reason);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            report.Add(provider.Peer, ProviderObstacle.OfAddresses(provider.Addresses)?.Name ?? SearchReport.Unreachable);
        }
    }

    private async Task TryAsync(Provider provider, Multiaddr[] addresses)
    {
        using CancellationTokenSource late = new(_options.ProviderDialTimeout, node.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, over);
        try
        {
            await node.ConnectAsync(addresses, either.Token).ConfigureAwait(false);
            provider.IsDone = true;
            bool isBitswap = node.SpeaksBitswap(provider.Peer);
            report.Add(provider.Peer, isBitswap ? SearchReport.Connected : SearchReport.NoBitswap);
            if (isBitswap)
            {
                await connected(provider.Peer).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is BitswapException or OperationCanceledException)
        {
            report.Add(provider.Peer, SearchReport.Unreachable);
            log.ProviderUnreachable(provider.Peer, cid, failure.Message);
        }
    }

    /// <summary>A provider, and what was tried of it. Guarded by the lock, but for what its one dial alone touches.</summary>
    private sealed class Provider(PeerId peer)
    {
        private readonly List<Multiaddr> _addresses = [];
        private int _taken;

        public PeerId Peer => peer;

        /// <summary>Whether a dial is under way, which takes what is added meanwhile.</summary>
        public bool IsBusy { get; set; }

        /// <summary>Whether it was reached.</summary>
        public bool IsDone { get; set; }

        public bool WasLookedUp { get; set; }

        public bool WasTried { get; private set; }

        public Multiaddr[] Addresses => [.. _addresses];

        public void Add(IReadOnlyList<Multiaddr> addresses, int most) => _addresses.AddRange(addresses.Except(_addresses).Take(most - _addresses.Count));

        public Multiaddr[] TakeDialable()
        {
            Multiaddr[] taken = [.. _addresses.Skip(_taken).Where(AddressTransports.IsDialable)];
            _taken = _addresses.Count;
            WasTried |= taken.Length > 0;
            return taken;
        }
    }
}
