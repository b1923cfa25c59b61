using Bitswap.Libp2p.Addresses;

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

    /// <summary>
    /// The peer was connected to at one of these, which are put before those that were known. Addresses that a stranger gave are kept beside those that the
    /// caller answers for, and take the place of others that were given on other terms.
    /// </summary>
    public void Note(PeerId peer, IEnumerable<Multiaddr> addresses, DialTerms? terms)
    {
        lock (_lock)
        {
            LinkedListNode<Entry>? node = _entries.GetValueOrDefault(peer);
            Entry entry = node?.Value ?? new Entry(peer, [], null);
            IEnumerable<Multiaddr> known = terms is null ? entry.Own : entry.Given?.Terms == terms ? entry.Given.Addresses : [];
            Multiaddr[] all = [.. addresses.Select(address => address.PeerId is null ? address.WithPeerId(peer) : address).Concat(known).Distinct().Take(MaxAddresses)];
            Remove(node);
            _entries[peer] = _byUse.AddLast(terms is null ? entry with { Own = all } : entry with { Given = new KnownAddresses(all, terms) });
            while (_entries.Count > maxPeers)
            {
                Remove(_byUse.First);
            }
        }
    }

    /// <summary>Returns where a peer can be dialled, in the order to try; empty when that is not known.</summary>
    public IReadOnlyList<KnownAddresses> Find(PeerId peer)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(peer, out LinkedListNode<Entry>? node))
            {
                return [];
            }

            KnownAddresses?[] all = [node.Value.Own.Length > 0 ? new KnownAddresses(node.Value.Own, null) : null, node.Value.Given];
            return [.. all.OfType<KnownAddresses>()];
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

    private sealed record Entry(PeerId Peer, Multiaddr[] Own, KnownAddresses? Given);
}

/// <summary>Addresses of one peer.</summary>
/// <param name="Addresses">The addresses, each with its id.</param>
/// <param name="Terms">On what terms they are dialled; null where the caller answers for them.</param>
internal sealed record KnownAddresses(IReadOnlyList<Multiaddr> Addresses, DialTerms? Terms);
