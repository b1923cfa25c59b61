namespace Bitswap;

/// <summary>What a node did in the time since the sample before, or since it was looked at first.</summary>
public sealed class BitswapNodeSample
{
    internal BitswapNodeSample()
    {
    }

    /// <summary>When the sample was taken.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>How long the node has run.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Connected peers.</summary>
    public int Peers { get; init; }

    /// <summary>CIDs on its wantlist.</summary>
    public int Wants { get; init; }

    /// <summary>Bytes of wanted blocks received a second.</summary>
    public double ReceivedPerSecond { get; init; }

    /// <summary>Bytes of blocks sent a second.</summary>
    public double SentPerSecond { get; init; }

    /// <summary>Bytes of wanted blocks received since the node was started.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes of blocks sent since the node was started.</summary>
    public long BytesSent { get; init; }

    /// <summary>Wanted blocks received since the node was started.</summary>
    public long BlocksReceived { get; init; }

    /// <summary>Blocks sent since the node was started.</summary>
    public long BlocksSent { get; init; }

    /// <summary>Bytes of blocks received more than once since the node was started.</summary>
    public long DuplicateBytes { get; init; }
}
