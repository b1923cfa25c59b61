namespace Bitswap.Node;

/// <summary>Hears of a network's peers. Calls return at once; those about one peer come one after the other.</summary>
public interface IPeerNetworkHandler
{
    /// <summary>The first connection to a peer is up.</summary>
    void PeerConnected(PeerId peer);

    /// <summary>What a connected peer says of itself has changed: it may speak Bitswap now.</summary>
    void PeerChanged(PeerId peer);

    /// <summary>The last connection to a peer is gone; how it ended.</summary>
    void PeerDisconnected(PeerId peer, ConnectionEnd end);

    /// <summary>Serves a stream that a peer opened; the stream is over when the task ends.</summary>
    Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken);
}
