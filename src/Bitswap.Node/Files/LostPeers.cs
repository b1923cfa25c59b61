namespace Bitswap.Node.Files;

/// <summary>Remembers the peers that were dialled, and dials again those that are gone. What a peer that dialled us is at, nobody knows.</summary>
internal sealed class LostPeers(NodeHost node, IReadOnlyList<PeerId>? only)
{
    /// <summary>How many peers are remembered; more make no fetch safer.</summary>
    private const int MaxPeers = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Multiaddr> _known = [];

    /// <summary>Whether somebody was there whom blocks could come from.</summary>
    public bool Any { get; private set; }

    /// <summary>Remembers who is connected now.</summary>
    public void Note()
    {
        lock (_lock)
        {
            foreach (PeerConnectionInfo connection in node.Connections)
            {
                if (only?.Contains(connection.Peer) == false)
                {
                    continue;
                }

                Any = true;
                if (!connection.IsInbound && _known.Count < MaxPeers)
                {
                    _known[connection.Peer] = connection.Address.PeerId is null ? connection.Address.WithPeerId(connection.Peer) : connection.Address;
                }
            }
        }
    }

    /// <summary>Those that are gone.</summary>
    public IReadOnlyList<PeerId> Gone()
    {
        lock (_lock)
        {
            IReadOnlyList<PeerId> connected = node.ConnectedPeers;
            return [.. _known.Keys.Where(peer => !connected.Contains(peer))];
        }
    }

    /// <summary>Dials each that is gone once. That one cannot be reached is no error: it is tried again.</summary>
    public async Task DialAsync(CancellationToken cancellationToken)
    {
        // whoever looks after the time has no time for this
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Multiaddr[] lost;
        lock (_lock)
        {
            IReadOnlyList<PeerId> connected = node.ConnectedPeers;
            lost = [.. _known.Where(peer => !connected.Contains(peer.Key)).Select(peer => peer.Value)];
        }

        foreach (Multiaddr address in lost)
        {
            try
            {
                await node.ConnectAsync([address], cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is BitswapException || (failure is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                // still gone, or nobody waits any more
            }
        }
    }
}
