namespace Bitswap;

/// <summary>A peer that speaks Bitswap came or went.</summary>
public sealed class BitswapPeerEventArgs : EventArgs
{
    internal BitswapPeerEventArgs(DateTimeOffset time, PeerId peer, string? version)
    {
        Time = time;
        PeerId = peer.ToString();
        BitswapVersion = version;
    }

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The peer.</summary>
    public string PeerId { get; }

    /// <summary>The Bitswap version spoken with it; null when it went.</summary>
    public string? BitswapVersion { get; }
}

/// <summary>A block came from a peer and is stored, or was sent to one.</summary>
public sealed class BitswapBlockEventArgs : EventArgs
{
    internal BitswapBlockEventArgs(DateTimeOffset time, PeerId peer, Cid cid, int size)
    {
        Time = time;
        PeerId = peer.ToString();
        Cid = cid.ToString();
        Size = size;
    }

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The peer.</summary>
    public string PeerId { get; }

    /// <summary>The block's CID.</summary>
    public string Cid { get; }

    /// <summary>The length of its data in bytes.</summary>
    public int Size { get; }
}

/// <summary>A stored block was found corrupt.</summary>
public sealed class BitswapCorruptBlockEventArgs : EventArgs
{
    internal BitswapCorruptBlockEventArgs(DateTimeOffset time, Cid cid, string reason)
    {
        Time = time;
        Cid = cid.ToString();
        Reason = reason;
    }

    /// <summary>When it was found.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The block.</summary>
    public string Cid { get; }

    /// <summary>What is wrong with it, and where it is stored.</summary>
    public string Reason { get; }
}

/// <summary>A want was put on the wantlist, or ended.</summary>
public sealed class BitswapWantEventArgs : EventArgs
{
    internal BitswapWantEventArgs(DateTimeOffset time, long id, Cid cid, string? outcome, PeerId? from)
    {
        Time = time;
        Id = id;
        Cid = cid.ToString();
        Outcome = outcome;
        From = from?.ToString();
    }

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The number of the want.</summary>
    public long Id { get; }

    /// <summary>What is wanted.</summary>
    public string Cid { get; }

    /// <summary>How it ended: Received, or the id of its error, such as WantCancelled; null while it is wanted.</summary>
    public string? Outcome { get; }

    /// <summary>Who sent the block; null while there is none, and when the store had it.</summary>
    public string? From { get; }
}
