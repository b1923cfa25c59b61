namespace Bitswap.Libp2p.Kademlia;

/// <summary>
/// The connections that queries open. Each is closed when the last request that uses it ends: a lookup asks dozens of strangers, of whom hardly
/// one is needed again, and the layers above treat every connection as a peer of theirs. Connections that were there before are left
/// alone, and so are protected peers and those that <see cref="Keep"/> names.
/// </summary>
internal sealed class ConnectionLoans(Libp2pHost host)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, ConnectionLoan> _loans = [];

    /// <summary>The peers that requests use now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _loans.Count;
            }
        }
    }

    /// <summary>Connects to a peer for as long as <paramref name="use"/> takes.</summary>
    public async Task<T> UseAsync<T>(
        PeerId peer, Func<CancellationToken, ValueTask<Libp2pConnection>> connect, Func<Libp2pConnection, Task<T>> use, CancellationToken ct)
    {
        Borrow(peer);
        try
        {
            bool wasThere = host.IsConnected(peer);
            Libp2pConnection connection = await connect(ct).ConfigureAwait(false);
            if (!wasThere && connection.Direction == ConnectionDirection.Outbound)
            {
                Opened(connection);
            }
            return await use(connection).ConfigureAwait(false);
        }
        finally
        {
            Return(peer);
        }
    }

    /// <summary>Leaves the peer's connection open, if a query opened one that is still used: its peer was given to somebody.</summary>
    public void Keep(PeerId peer)
    {
        lock (_gate)
        {
            if (_loans.TryGetValue(peer, out ConnectionLoan? loan))
            {
                loan.Opened = null;
            }
        }
    }

    private void Borrow(PeerId peer)
    {
        lock (_gate)
        {
            if (!_loans.TryGetValue(peer, out ConnectionLoan? loan))
            {
                _loans.Add(peer, loan = new ConnectionLoan());
            }
            loan.Uses++;
        }
    }

    private void Opened(Libp2pConnection connection)
    {
        lock (_gate)
        {
            _loans[connection.RemotePeer].Opened = connection;
        }
    }

    private void Return(PeerId peer)
    {
        Libp2pConnection? useless;
        lock (_gate)
        {
            ConnectionLoan loan = _loans[peer];
            if (--loan.Uses > 0)
            {
                return;
            }
            _loans.Remove(peer);
            useless = loan.Opened;
        }
        if (useless is not null)
        {
            host.LetGo(useless, "it was opened for a lookup, which has its answer");
        }
    }
}
