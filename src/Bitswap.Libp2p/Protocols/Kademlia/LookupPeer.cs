namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>A peer that a <see cref="KademliaLookup"/> knows.</summary>
internal sealed class LookupPeer(KademliaPeer peer, KademliaKey distance)
{
    /// <summary>Who and where, as far as was told.</summary>
    public KademliaPeer Peer { get; set; } = peer;

    /// <summary>How far it is from what is looked for.</summary>
    public KademliaKey Distance { get; } = distance;

    /// <summary>What became of it.</summary>
    public LookupState State { get; set; }

    /// <summary>Whether it failed before and is asked, or was, at other addresses.</summary>
    public bool IsRetried { get; set; }
}
