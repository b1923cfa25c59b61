namespace Bitswap.Node.Peers;

/// <summary>Where the peers are that were connected to on purpose, so that one that is lost can be dialled again. The one that was used longest ago gives way. Thread-safe.</summary>
/// <param name="maxPeers">How many peers are remembered.</param>
internal sealed class AddressBook(int maxPeers)
{
    /// <summary>As many as one dial tries in a few seconds.</summary>
    private const int MaxAddresses = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();

    /// <summary>The peer was connected to at one of these, which are put before those that were known.</summary>
    public void Note(PeerId peer, IEnumerable<Multiaddr> addresses)
    {
        lock (_lock)
        {
            Multiaddr[] known = _entries.TryGetValue(peer, out LinkedListNode<Entry>? node) ? node.Value.Addresses : [];
            Remove(node);
            Entry entry = new(peer, [.. addresses.Select(address => address.PeerId is null ? address.WithPeerId(peer) : address).Concat(known).Distinct().Take(MaxAddresses)]);
            _entries[peer] = _byUse.AddLast(entry);
            while (_entries.Count > maxPeers)
            {
                Remove(_byUse.First);
            }
        }
    }

    /// <summary>Where a peer can be dialled; empty when that is not known.</summary>
    public IReadOnlyList<Multiaddr> Find(PeerId peer)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(peer, out LinkedListNode<Entry>? node) ? node.Value.Addresses : [];
        }
    }

    /// <summary>The peer is not to be dialled again by itself.</summary>
    public void Forget(PeerId peer)
    {
        lock (_lock)
        {
            Remove(_entries.GetValueOrDefault(peer));
        }
    }

    private void Remove(LinkedListNode<Entry>? node)
    {
        if (node is not null)
        {
            _entries.Remove(node.Value.Peer);
            _byUse.Remove(node);
        }
    }

    private sealed record Entry(PeerId Peer, Multiaddr[] Addresses);
}
