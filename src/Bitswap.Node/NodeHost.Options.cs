using Bitswap.Node.Routing.Http;

namespace Bitswap.Node;

/// <content>What can be changed while the node runs.</content>
public sealed partial class NodeHost
{
    /// <summary>Gets the names of the options that <see cref="ConfigureAsync"/> takes. The others are what something was made with: a buffer, a connection, a store.</summary>
    public static IReadOnlyList<string> LiveOptions { get; } =
    [
        nameof(EngineOptions.BroadcastWindow), nameof(EngineOptions.ClientOnly), nameof(EngineOptions.MaxOutstandingWants), nameof(EngineOptions.MaxRedials),
        nameof(EngineOptions.MaxSessionPeers), nameof(EngineOptions.MaxUnwantedBytes), nameof(EngineOptions.MaxWants), nameof(EngineOptions.PeerUploadRate),
        nameof(EngineOptions.PeerWantExpiry), nameof(EngineOptions.UploadRate),
    ];

    /// <summary>Gets the routers that are asked for providers.</summary>
    public IReadOnlyList<Uri> Routers => [.. Routing.Sources.OfType<DelegatedRouter>().Select(router => router.Address)];

    /// <summary>Changes options while the node runs: all of them, or none when one is refused.</summary>
    /// <param name="values">Names of <see cref="LiveOptions"/>, in any case, and values as <see cref="NodeOptionTable.Set"/> takes them.</param>
    /// <param name="cancellationToken">Ends the wait, not the change.</param>
    /// <exception cref="ArgumentException">A name is no option, or none that can be changed now; or a value is not of its kind or range.</exception>
    /// <exception cref="BitswapException">NodeStopped.</exception>
    public async Task ConfigureAsync(IReadOnlyCollection<KeyValuePair<string, object?>> values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        EnsureRunning();
        foreach ((string name, object? value) in values)
        {
            // An unknown name is told as that.
            NodeOptionTable.Set(new NodeOptions(), name, value);
            if (!LiveOptions.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException("it is read when a node starts, and cannot be changed while it runs.", name);
            }
        }

        await _loop.PostAsync((engine, now) => engine.Configure(Changed(engine.Options), now), cancellationToken).ConfigureAwait(false);

        // Inputs are taken in their order.
        await _loop.AskAsync(engine => true, cancellationToken).ConfigureAwait(false);

        EngineOptions Changed(EngineOptions options) =>
            values.Aggregate(new NodeOptions { Engine = options }, (all, change) => NodeOptionTable.Set(all, change.Key, change.Value)).Engine;
    }

    /// <summary>Asks other routers for providers from now on, or none; the DHT is asked as before. Searches that are under way end as they began.</summary>
    /// <param name="routers">The routers; empty for none.</param>
    /// <param name="cancellationToken">Ends the wait, not the change.</param>
    /// <exception cref="BitswapException">InvalidRouter, and nothing is changed; NodeStopped.</exception>
    public async Task SetRoutersAsync(IReadOnlyList<Uri> routers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(routers);
        EnsureRunning();
        Routing.SetRouters(routers);
        bool isSearching = Routing.Sources.Count > 0 || _options.Engine.ProviderSearch;
        await _loop.PostAsync((engine, now) => engine.Configure(engine.Options with { ProviderSearch = isSearching }, now), cancellationToken).ConfigureAwait(false);
        await _loop.AskAsync(engine => true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts another filter in the place of the one that the node was started with; false when it was started without.</summary>
    public bool TrySetFilter(BlockFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        EnsureRunning();
        if (_access is not { } gate)
        {
            return false;
        }

        gate.Filter = filter;
        return true;
    }
}
