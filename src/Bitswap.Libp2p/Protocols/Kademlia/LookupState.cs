namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>What became of a peer in a <see cref="KademliaLookup"/>.</summary>
internal enum LookupState
{
    /// <summary>Told of, not asked yet.</summary>
    Heard,

    /// <summary>Asked, and an answer is waited for.</summary>
    Asked,

    /// <summary>It answered.</summary>
    Answered,

    /// <summary>It was not reached, or gave no answer of use.</summary>
    Failed,
}
