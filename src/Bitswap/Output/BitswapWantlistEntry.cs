namespace Bitswap;

/// <summary>One entry of a wantlist: ours, or what a peer wants of us.</summary>
public sealed class BitswapWantlistEntry
{
    internal BitswapWantlistEntry()
    {
    }

    /// <summary>What is wanted.</summary>
    public required string Cid { get; init; }

    /// <summary>Higher is served first.</summary>
    public int Priority { get; init; }

    /// <summary>Block, or Have when it is only asked who has it.</summary>
    public required string Type { get; init; }

    /// <summary>How long it has been on the list.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Sent for ours, Received for a peer's.</summary>
    public required string Direction { get; init; }

    /// <summary>Who wants it of us; null for ours.</summary>
    public string? Peer { get; init; }

    /// <summary>The peers that were asked for it; empty for a peer's.</summary>
    public string[] AskedPeers { get; init; } = [];

    /// <summary>What each of them said so far; empty for a peer's.</summary>
    public BitswapPeerAnswer[] Answers { get; init; } = [];

    /// <summary>Where it stands.</summary>
    public required string State { get; init; }

    /// <summary>The number of the session it belongs to; 0 for none.</summary>
    public long Session { get; init; }

    /// <summary>The node whose list it is.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
}
