namespace Bitswap.Protocol.Server;

/// <summary>The ledgers of connected peers, and of the last so many that were.</summary>
internal sealed class LedgerBook(int maxAway)
{
    private readonly Dictionary<PeerId, Ledger> _ledgers = [];
    private readonly LinkedList<Ledger> _away = new();

    public int Count => _ledgers.Count;

    public IEnumerable<Ledger> All => _ledgers.Values;

    public Ledger Open(PeerId peer)
    {
        if (!_ledgers.TryGetValue(peer, out Ledger? ledger))
        {
            ledger = new Ledger(peer);
            _ledgers.Add(peer, ledger);
        }
        else if (ledger.AwayNode is { } node)
        {
            _away.Remove(node);
            ledger.AwayNode = null;
        }

        return ledger;
    }

    public Ledger? Find(PeerId peer) => _ledgers.GetValueOrDefault(peer);

    public void Close(Ledger ledger)
    {
        if (ledger.BlocksSent + ledger.BlocksReceived == 0)
        {
            _ledgers.Remove(ledger.Peer);
            return;
        }

        ledger.AwayNode = _away.AddLast(ledger);
        while (_away.Count > maxAway)
        {
            Ledger oldest = _away.First!.Value;
            _away.RemoveFirst();
            _ledgers.Remove(oldest.Peer);
        }
    }
}
