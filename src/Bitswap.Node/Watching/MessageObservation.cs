
namespace Bitswap.Node.Watching;

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
