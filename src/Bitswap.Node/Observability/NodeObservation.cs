namespace Bitswap.Node.Observability;

/// <summary>Something that a node did or that happened to it, for those who look on.</summary>
/// <param name="Time">When, by the node's clock.</param>
public abstract record NodeObservation(DateTimeOffset Time)
{
    /// <summary>Gets how much room it takes in a queue: one, and one for each entry, block and presence of a message.</summary>
    public virtual int Weight => 1;
}

/// <summary>The head of a trace.</summary>
/// <param name="Time">When the trace was started.</param>
/// <param name="Node">The node that is traced.</param>
/// <param name="Format">The version of the form of the lines.</param>
public sealed record TraceStartObservation(DateTimeOffset Time, PeerId Node, int Format) : NodeObservation(Time);

/// <summary>A Bitswap message came, or was handed to the peer's stream.</summary>
/// <param name="Time">When.</param>
/// <param name="Peer">The other end.</param>
/// <param name="IsSent">True when it went out.</param>
/// <param name="Id">The number of a message that went out, which <see cref="DeliveryObservation"/> repeats; 0 for one that came.</param>
/// <param name="Full">Whether its wantlist replaces the former one.</param>
/// <param name="Entries">Its wants and cancels.</param>
/// <param name="Blocks">Its blocks, without their data.</param>
/// <param name="Presences">Its HAVEs and DONT_HAVEs.</param>
/// <param name="PendingBytes">Bytes the sender holds ready for the receiver.</param>
public sealed record MessageObservation(
    DateTimeOffset Time,
    PeerId Peer,
    bool IsSent,
    long Id,
    bool Full,
    IReadOnlyList<WantlistEntry> Entries,
    IReadOnlyList<BlockSummary> Blocks,
    IReadOnlyList<BlockPresence> Presences,
    int PendingBytes)
    : NodeObservation(Time)
{
    /// <inheritdoc/>
    public override int Weight => 1 + Entries.Count + Blocks.Count + Presences.Count;
}

/// <summary>A block of a message without its data.</summary>
/// <param name="Cid">Its CID.</param>
/// <param name="Size">The length of its data in bytes.</param>
public readonly record struct BlockSummary(Cid Cid, int Size);

/// <summary>The outcome of a message that was handed to a peer's stream.</summary>
/// <param name="Time">When.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Id">The number of the message.</param>
/// <param name="IsDelivered">Whether the stream took it all; false when every try failed.</param>
/// <param name="Blocks">The blocks it carried.</param>
public sealed record DeliveryObservation(DateTimeOffset Time, PeerId Peer, long Id, bool IsDelivered, IReadOnlyList<BlockSummary> Blocks) : NodeObservation(Time)
{
    /// <inheritdoc/>
    public override int Weight => 1 + Blocks.Count;
}

/// <summary>A peer that speaks Bitswap came or went.</summary>
/// <param name="Time">When.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Version">What it speaks; null when it went.</param>
public sealed record PeerObservation(DateTimeOffset Time, PeerId Peer, BitswapVersion? Version) : NodeObservation(Time);

/// <summary>A wanted block came from a peer and is stored.</summary>
/// <param name="Time">When it was stored.</param>
/// <param name="Peer">Who sent it.</param>
/// <param name="Cid">Its CID.</param>
/// <param name="Size">The length of its data in bytes.</param>
public sealed record BlockObservation(DateTimeOffset Time, PeerId Peer, Cid Cid, int Size) : NodeObservation(Time);

/// <summary>A caller wants a block, or word of it.</summary>
/// <param name="Time">When.</param>
/// <param name="WantId">The number of the want, unique in its node.</param>
/// <param name="Cid">What is wanted.</param>
/// <param name="Type">Block, or word of it.</param>
/// <param name="Priority">Higher is asked for first.</param>
/// <param name="Session">The session; 0 for none.</param>
/// <param name="OnlyPeers">The only peers that may be asked; null for all that may have it.</param>
/// <param name="SkipsStore">Whether the store counts for nothing.</param>
public sealed record WantObservation(
    DateTimeOffset Time, long WantId, Cid Cid, WantType Type, int Priority, long Session, IReadOnlyList<PeerId>? OnlyPeers, bool SkipsStore = false)
    : NodeObservation(Time);

/// <summary>A caller's want ended.</summary>
/// <param name="Time">When.</param>
/// <param name="WantId">The number of the want.</param>
/// <param name="Cid">What was wanted.</param>
/// <param name="Outcome">Null when it got what it wanted; else the error id, such as <c>BlockUnavailable</c> or <c>WantCancelled</c>.</param>
/// <param name="From">Who sent the block or said HAVE; null when the store had it, and when it did not come.</param>
public sealed record WantEndObservation(DateTimeOffset Time, long WantId, Cid Cid, string? Outcome, PeerId? From) : NodeObservation(Time);

/// <summary>A stored block was found corrupt when it was read, and is offered no more.</summary>
/// <param name="Time">When.</param>
/// <param name="Cid">The block.</param>
/// <param name="Reason">What is wrong with it, and where it is stored.</param>
public sealed record CorruptionObservation(DateTimeOffset Time, Cid Cid, string Reason) : NodeObservation(Time);

/// <summary>Observations were lost, since who reads them was too slow.</summary>
/// <param name="Time">When that was noticed.</param>
/// <param name="Count">How many.</param>
public sealed record LossObservation(DateTimeOffset Time, long Count) : NodeObservation(Time);
