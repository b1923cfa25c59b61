using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Server;

/// <summary>A reply on its way: its blocks are read, then it is sent in its turn.</summary>
internal sealed class Envelope(PeerQueue queue)
{
    public PeerQueue Queue => queue;

    public List<ServedWant> Wants { get; } = [];

    public List<BlockPresence> Presences { get; } = [];

    /// <summary>What the store gave; null until it did, or when there are no blocks.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>?>? Data { get; set; }

    public bool IsLoaded => Wants.Count == 0 || Data is not null;

    /// <summary>When its message was handed out.</summary>
    public TimeSpan HandedOut { get; set; }

    /// <summary>What it counts for in <see cref="PeerQueue.OutstandingBytes"/>.</summary>
    public long Bytes { get; set; }
}
