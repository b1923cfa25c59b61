using Bitswap.Node.Observability;

namespace Bitswap.Nodes;

/// <summary>Makes the output of traced observations.</summary>
internal static class TraceOutput
{
    /// <summary>The record as users see it.</summary>
    public static BitswapTraceRecord Create(NodeObservation observation) => observation switch
    {
        MessageObservation message => new BitswapTraceRecord
        {
            Time = message.Time,
            Kind = "Message",
            Peer = message.Peer.ToString(),
            Direction = message.IsSent ? "Sent" : "Received",
            Id = message.IsSent ? message.Id : null,
            Full = message.Full,
            Entries = [.. message.Entries.Select(entry => new BitswapTraceEntry(
                entry.Cid.ToString(), entry.Cancel ? "Cancel" : entry.Type == WantType.Have ? "Have" : "Block", entry.Cancel ? 0 : entry.Priority, entry.SendDontHave))],
            Blocks = Blocks(message.Blocks),
            Presences = [.. message.Presences.Select(presence => new BitswapTracePresence(presence.Cid.ToString(), presence.Type == PresenceType.Have ? "Have" : "DontHave"))],
            PendingBytes = message.PendingBytes,
        },
        DeliveryObservation delivery => new BitswapTraceRecord
        {
            Time = delivery.Time,
            Kind = delivery.IsDelivered ? "Delivered" : "Failed",
            Peer = delivery.Peer.ToString(),
            Id = delivery.Id,
            Blocks = Blocks(delivery.Blocks),
        },
        PeerObservation peer => new BitswapTraceRecord
        {
            Time = peer.Time,
            Kind = peer.Version is null ? "Disconnected" : "Connected",
            Peer = peer.Peer.ToString(),
            Outcome = peer.Version is { } version ? BitswapProtocolIds.ToId(version) : null,
        },
        BlockObservation block => new BitswapTraceRecord
        {
            Time = block.Time,
            Kind = "Block",
            Peer = block.Peer.ToString(),
            Cid = block.Cid.ToString(),
            Blocks = [new BitswapTraceBlock(block.Cid.ToString(), block.Size)],
        },
        WantObservation want => new BitswapTraceRecord { Time = want.Time, Kind = "Want", Id = want.WantId, Cid = want.Cid.ToString() },
        WantEndObservation end => new BitswapTraceRecord
        {
            Time = end.Time,
            Kind = "Ended",
            Id = end.WantId,
            Cid = end.Cid.ToString(),
            Peer = end.From?.ToString(),
            Outcome = end.Outcome ?? "Received",
        },
        CorruptionObservation corruption => new BitswapTraceRecord { Time = corruption.Time, Kind = "Corrupt", Cid = corruption.Cid.ToString(), Outcome = corruption.Reason },
        LossObservation loss => new BitswapTraceRecord { Time = loss.Time, Kind = "Lost", Lost = loss.Count },
        TraceStartObservation start => new BitswapTraceRecord { Time = start.Time, Kind = "Start", Peer = start.Node.ToString() },
        _ => throw new ArgumentOutOfRangeException(nameof(observation), observation, "There is no output for it."),
    };

    private static BitswapTraceBlock[] Blocks(IReadOnlyList<BlockSummary> blocks) => [.. blocks.Select(block => new BitswapTraceBlock(block.Cid.ToString(), block.Size))];
}
