namespace Bitswap;

/// <summary>What went back and forth between a peer and a node.</summary>
public sealed class BitswapLedger
{
    internal BitswapLedger()
    {
    }

    /// <summary>The peer.</summary>
    public required string PeerId { get; init; }

    /// <summary>Whether it is connected.</summary>
    public bool Connected { get; init; }

    /// <summary>Bytes of blocks sent to it.</summary>
    public long Sent { get; init; }

    /// <summary>Bytes of wanted blocks received from it.</summary>
    public long Received { get; init; }

    /// <summary>Blocks sent to it.</summary>
    public long BlocksSent { get; init; }

    /// <summary>Wanted blocks received from it.</summary>
    public long BlocksReceived { get; init; }

    /// <summary>Sent / (received + 1), in bytes: above one, the peer owes.</summary>
    public double DebtRatio { get; init; }

    /// <summary>Bytes of wanted blocks received from it, each counting half after ten minutes.</summary>
    public double Score { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }
}
