namespace Bitswap.Libp2p.Connections;

/// <summary>Represents the peers that are not to be closed for want of room or of use, each with the reasons its protectors gave.</summary>
internal sealed class PeerProtection
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, HashSet<string>> _tags = [];

    /// <summary>Adds a reason.</summary>
    public void Protect(PeerId peer, string tag)
    {
        lock (_gate)
        {
            if (!_tags.TryGetValue(peer, out HashSet<string>? tags))
            {
                _tags.Add(peer, tags = new HashSet<string>(StringComparer.Ordinal));
            }
            tags.Add(tag);
        }
    }

    /// <summary>Takes a reason away.</summary>
    /// <returns>Whether another one is left.</returns>
    public bool Unprotect(PeerId peer, string tag)
    {
        lock (_gate)
        {
            if (!_tags.TryGetValue(peer, out HashSet<string>? tags))
            {
                return false;
            }
            tags.Remove(tag);
            return tags.Count > 0 || !_tags.Remove(peer);
        }
    }

    /// <summary>Returns whether there is a reason.</summary>
    public bool IsProtected(PeerId peer)
    {
        lock (_gate)
        {
            return _tags.ContainsKey(peer);
        }
    }
}
