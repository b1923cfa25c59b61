namespace Bitswap;

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
