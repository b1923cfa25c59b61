namespace Bitswap;

/// <summary>One ping.</summary>
public sealed class BitswapPing
{
    internal BitswapPing()
    {
    }

    /// <summary>The number of the ping, from 1.</summary>
    public int Ping { get; init; }

    /// <summary>The peer.</summary>
    public required string PeerId { get; init; }

    /// <summary>The round trip; null when there was no answer.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Success, or the id of the error.</summary>
    public required string Status { get; init; }

    /// <summary>The node that asked.</summary>
    public required string Node { get; init; }
}
