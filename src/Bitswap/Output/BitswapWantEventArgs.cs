namespace Bitswap;

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
