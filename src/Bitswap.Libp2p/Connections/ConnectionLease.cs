namespace Bitswap.Libp2p.Connections;

/// <summary>One use of the connections with a peer, until it is disposed.</summary>
public sealed class ConnectionLease : IDisposable
{
    private readonly PeerId _peer;
    private ConnectionLeases? _leases;

    internal ConnectionLease(ConnectionLeases leases, PeerId peer)
    {
        _leases = leases;
        _peer = peer;
    }

    /// <summary>Ends the use; further calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _leases, null)?.Release(_peer);
}
