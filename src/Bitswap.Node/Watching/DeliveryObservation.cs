namespace Bitswap.Node.Watching;

/// <summary>What became of a message that was handed to a peer's stream.</summary>
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
