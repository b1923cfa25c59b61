namespace Bitswap;

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
