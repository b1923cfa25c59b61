namespace Bitswap;

/// <summary>A node's counters, since it was started, as they were when they were asked for.</summary>
public sealed class BitswapStat
{
    internal BitswapStat()
    {
    }

    /// <summary>The node.</summary>
    public required BitswapNode Node { get; init; }

    /// <summary>How long the node has run.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Connected peers.</summary>
    public int Peers { get; init; }

    /// <summary>Wants that have not ended.</summary>
    public long Wants { get; init; }

    /// <summary>Wanted blocks received.</summary>
    public long BlocksReceived { get; init; }

    /// <summary>Bytes of wanted blocks received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Blocks sent.</summary>
    public long BlocksSent { get; init; }

    /// <summary>Bytes of blocks sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>Blocks received more than once.</summary>
    public long DuplicateBlocks { get; init; }

    /// <summary>Bytes of blocks received more than once.</summary>
    public long DuplicateBytes { get; init; }

    /// <summary>Blocks received that nobody wanted; they are dropped.</summary>
    public long UnwantedBlocks { get; init; }

    /// <summary>Bytes of blocks received that nobody wanted.</summary>
    public long UnwantedBytes { get; init; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages sent.</summary>
    public long MessagesSent { get; init; }
}
