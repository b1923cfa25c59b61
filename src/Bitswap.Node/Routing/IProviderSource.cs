namespace Bitswap.Node.Routing;

/// <summary>Somebody who may know which peers have a block. Thread-safe: several searches may go on at once.</summary>
internal interface IProviderSource
{
    /// <summary>What kind of source it is.</summary>
    ProviderSourceKind Kind { get; }

    /// <summary>Its name in messages.</summary>
    string Name { get; }

    /// <summary>Looks for providers, and gives each when it is known: what comes of it is read no quicker than it is taken.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="tally">Where to count.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException">The source cannot be asked. What was given before stands.</exception>
    IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, CancellationToken cancellationToken);

    /// <summary>Looks for the addresses of a peer.</summary>
    /// <returns>The peer with its addresses; null where the source knows none, or is none that knows peers.</returns>
    /// <exception cref="BitswapException">The source cannot be asked.</exception>
    ValueTask<FoundProvider?> FindPeerAsync(PeerId peer, CancellationToken cancellationToken) => ValueTask.FromResult<FoundProvider?>(null);
}
