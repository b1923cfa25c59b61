namespace Bitswap.Node.Peers;

/// <summary>Connections that are made to ask one thing and closed again. Thread-safe.</summary>
/// <param name="connect">Connects to one peer, and waits until it is known whether it speaks Bitswap.</param>
/// <param name="disconnect">Closes the connections to a peer.</param>
/// <param name="isWanted">Whether a peer is connected, or is to be whenever it can.</param>
internal sealed class BriefConnections(
    Func<IReadOnlyList<Multiaddr>, CancellationToken, ValueTask<PeerId>> connect, Func<PeerId, ValueTask> disconnect, Func<PeerId, bool> isWanted)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Holding> _held = [];

    /// <summary>Connects to a peer, where it is not connected, until what is returned is disposed.</summary>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c> and the other errors of a dial.</exception>
    public async ValueTask<BriefConnection> OpenAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken)
    {
        Holding? holding;
        lock (_lock)
        {
            if (!_held.TryGetValue(peer, out holding))
            {
                if (isWanted(peer))
                {
                    return new BriefConnection(null);
                }

                holding = new Holding();
                _held.Add(peer, holding);
            }

            holding.Users++;
        }

        BriefConnection connection = new(() => ReleaseAsync(peer, holding));
        try
        {
            await connect(addresses, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Somebody wants the connection to a peer to stay.</summary>
    public void Keep(PeerId peer)
    {
        lock (_lock)
        {
            _held.Remove(peer);
        }
    }

    private ValueTask ReleaseAsync(PeerId peer, Holding holding)
    {
        lock (_lock)
        {
            if (--holding.Users > 0 || _held.GetValueOrDefault(peer) != holding)
            {
                return ValueTask.CompletedTask;
            }

            _held.Remove(peer);
        }

        return disconnect(peer);
    }

    private sealed class Holding
    {
        public int Users { get; set; }
    }
}
