using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Peers;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Routing;

/// <summary>The dials of one search: what the sources say of one provider is put together, looked up where it cannot be dialled, and tried.</summary>
internal sealed class ProviderDials(
    PeerConnector connector,
    NodeRouting routing,
    TimeProvider clock,
    Cid cid,
    SearchReport report,
    Func<PeerId, ValueTask> connected,
    SemaphoreSlim turns,
    CancellationTokenSource enough,
    ILogger log,
    CancellationToken over)
{
    private readonly RoutingOptions _options = routing.Options;
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Provider> _providers = [];
    private readonly List<Task> _dials = [];

    /// <summary>Takes a provider that a source names; waits while as many are dialled as may be.</summary>
    public async ValueTask FoundAsync(FoundProvider found, CancellationToken cancellationToken)
    {
        foreach (FoundProvider part in routing.PartsOf(found))
        {
            await FoundPartAsync(part, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the dials. No more providers may be named by then.</summary>
    public Task EndAsync() => Task.WhenAll(_dials);

    private async ValueTask FoundPartAsync(FoundProvider found, CancellationToken cancellationToken)
    {
        if (found.Peer.Equals(connector.PeerId))
        {
            return;
        }

        report.Named(found.Peer);
        if (!found.IsGateway && ProviderObstacle.OfProtocols(found.Protocols) is { } obstacle)
        {
            report.Add(found.Peer, obstacle.Name);
            return;
        }

        if (await connector.KeepAsync(found.Peer, cancellationToken).ConfigureAwait(false))
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
                known = _providers.Count < _options.ProvidersPerSearch ? new Provider(new NamedProvider(found.Peer, _options.MaxProviderAddresses)) : null;
                if (known is not null)
                {
                    _providers.Add(found.Peer, known);
                }
            }

            provider = known;
            provider?.Named.Add(found);
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

        // The source waits for room, and gives no more until then.
        await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task dial = DialAsync(provider);
        lock (_lock)
        {
            _dials.Add(dial);
        }
    }

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

    /// <summary>Takes what is to be tried next: addresses that were not, or none, to look the peer up; false when there is nothing to try.</summary>
    private bool TryTake(Provider provider, out Multiaddr[] addresses)
    {
        lock (_lock)
        {
            addresses = over.IsCancellationRequested || provider.IsDone ? [] : provider.TakeDialable(_options.MaxDialsPerProvider);
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
            PeerLookup lookup = await routing.Peers.FindAsync(provider.Peer, over).ConfigureAwait(false);
            FoundProvider[] gateways = [.. routing.PartsOf(lookup.ToFound(provider.Peer)).Where(static part => part.IsGateway)];
            foreach (FoundProvider gateway in gateways)
            {
                report.Named(gateway.Peer);
                await TryGatewayAsync(gateway).ConfigureAwait(false);
            }

            PeerLookup others = gateways.Length == 0 ? lookup : lookup with { Addresses = [.. lookup.Addresses.Where(static address => !HttpAddress.IsHttp(address))] };
            if (provider.Named.Add(others) is { } obstacle && (gateways.Length == 0 || others.Addresses.Count > 0))
            {
                report.Add(provider.Peer, obstacle.Name);
                log.ProviderUnreachable(provider.Peer, cid, obstacle.Reason);
            }
            else if (gateways.Length > 0 && others.Addresses.Count == 0)
            {
                report.Forget(provider.Peer);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            report.Add(provider.Peer, provider.Named.AddressObstacle?.Name ?? SearchReport.Unreachable);
        }
    }

    // One that a lookup has found, in the turn of the peer that was looked up.
    private async Task TryGatewayAsync(FoundProvider found)
    {
        Provider provider = new(new NamedProvider(found.Peer, _options.MaxProviderAddresses)) { IsBusy = true };
        provider.Named.Add(found);
        lock (_lock)
        {
            if (!_providers.TryAdd(found.Peer, provider))
            {
                return;
            }
        }

        await TryAsync(provider, [.. found.Addresses]).ConfigureAwait(false);
    }

    private async Task TryAsync(Provider provider, Multiaddr[] addresses)
    {
        using CancellationTokenSource late = new(_options.ProviderDialTimeout, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, over);
        try
        {
            await connector.ConnectAsync(addresses, _options.TermsOf(provider.Named.Reach) with { MaxAttempts = addresses.Length }, either.Token).ConfigureAwait(false);
            provider.IsDone = true;
            bool isBitswap = connector.SpeaksBitswap(provider.Peer);
            report.Add(provider.Peer, isBitswap ? SearchReport.Connected : SearchReport.NoBitswap);
            if (isBitswap)
            {
                await connected(provider.Peer).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is BitswapException or OperationCanceledException)
        {
            report.Add(provider.Peer, failure is GatewayException gateway ? gateway.Obstacle : SearchReport.Unreachable);
            log.ProviderUnreachable(provider.Peer, cid, failure.Message);
        }
    }

    /// <summary>A provider, and what was tried of it. Guarded by the lock, but for what its one dial alone touches.</summary>
    private sealed class Provider(NamedProvider named)
    {
        private int _taken;
        private int _tried;

        public NamedProvider Named => named;

        public PeerId Peer => named.Peer;

        /// <summary>Gets whether a dial is under way, which takes what is added while it runs.</summary>
        public bool IsBusy { get; set; }

        /// <summary>Gets whether it was reached.</summary>
        public bool IsDone { get; set; }

        public bool WasLookedUp { get; set; }

        public bool WasTried => _tried > 0;

        /// <summary>Addresses that were not tried yet, at most so many with those that were.</summary>
        public Multiaddr[] TakeDialable(int max)
        {
            IReadOnlyList<Multiaddr> addresses = named.Addresses;
            Multiaddr[] taken = [.. addresses.Skip(_taken).Where(address => named.IsGateway || AddressTransports.IsDialable(address)).Take(max - _tried)];
            _taken = addresses.Count;
            _tried += taken.Length;
            return taken;
        }
    }
}
