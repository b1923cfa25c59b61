namespace Bitswap;

/// <summary>A connected peer, as it was when it was asked for.</summary>
public sealed class BitswapPeer
{
    internal BitswapPeer()
    {
    }

    /// <summary>The id the peer proved; of a gateway, which proves none, one that is made of its address.</summary>
    public required string PeerId { get; init; }

    /// <summary>The address it is connected by.</summary>
    public required string Address { get; init; }

    /// <summary>Inbound when the peer dialled, Outbound when the node did.</summary>
    public required string Direction { get; init; }

    /// <summary>The protocol that encrypts the connection: Noise or Tls; null for a gateway, and on a network in memory.</summary>
    public string? Security { get; init; }

    /// <summary>What the peer calls itself; null until it has said so.</summary>
    public string? Agent { get; init; }

    /// <summary>The protocols it speaks; empty until it has said so.</summary>
    public required string[] Protocols { get; init; }

    /// <summary>The Bitswap version spoken with it: 1.2.0, 1.1.0, 1.0.0, Unversioned; null when it speaks none, as a gateway does not, or that is not known yet.</summary>
    public string? BitswapVersion { get; init; }

    /// <summary>The measured round trip; null before there is one.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>When the connection came up.</summary>
    public DateTimeOffset Connected { get; init; }

    /// <summary>Bytes of blocks sent to it.</summary>
    public long Sent { get; init; }

    /// <summary>Bytes of blocks received from it.</summary>
    public long Received { get; init; }

    /// <summary>The node it is connected to.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PeerId;
}

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
