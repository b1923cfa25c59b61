namespace Bitswap.Protocol.Client;

/// <summary>A set of peers that compares by content.</summary>
internal sealed class PeerSet : IEquatable<PeerSet>
{
    private readonly HashSet<PeerId> _peers;
    private readonly int _hashCode;

    public PeerSet(IEnumerable<PeerId> peers)
    {
        _peers = [.. peers];
        foreach (PeerId peer in _peers)
        {
            _hashCode ^= peer.GetHashCode();
        }
    }

    public bool Contains(PeerId peer) => _peers.Contains(peer);

    public bool Equals(PeerSet? other) => other is not null && _hashCode == other._hashCode && _peers.SetEquals(other._peers);

    public override bool Equals(object? obj) => Equals(obj as PeerSet);

    public override int GetHashCode() => _hashCode;
}
