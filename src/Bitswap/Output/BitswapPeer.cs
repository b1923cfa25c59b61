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

    /// <summary>The peer id of the relay that carries the connection; null for a direct one.</summary>
    public string? Relay { get; init; }

    /// <summary>The limits that the relay told, such as "30 min and 67108864 bytes each way"; null for a direct connection, and where it told none.</summary>
    public string? RelayLimit { get; init; }

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

    /// <summary>What it fetches of the node, or has fetched since it connected, the last first; at most 8.</summary>
    public BitswapServedGraph[] Fetching { get; init; } = [];

    /// <summary>The node it is connected to.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PeerId;
}

/// <summary>A file, folder or other graph that a peer fetches of a node, as far as the blocks sent to it show. What the peer had before, and what others send it, is not seen.</summary>
public sealed class BitswapServedGraph
{
    internal BitswapServedGraph()
    {
    }

    /// <summary>The CID that the fetch began at.</summary>
    public required string Cid { get; init; }

    /// <summary>The name of its pin; null where it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Blocks of it that were sent, each counted once.</summary>
    public long Blocks { get; init; }

    /// <summary>Their bytes.</summary>
    public long Sent { get; init; }

    /// <summary>The bytes of all its blocks, as its root says; null where it does not say. Blocks that it has twice count twice.</summary>
    public long? Total { get; init; }

    /// <summary>Sent in percent of the total, at most 100; null where the total is not known.</summary>
    public double? Percent => Total is > 0 and long total ? Math.Min(100, 100.0 * Sent / total) : null;

    /// <summary>When the first block was sent.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>When the last block was sent.</summary>
    public DateTimeOffset LastSent { get; init; }

    /// <summary>The peer.</summary>
    public required string PeerId { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
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
