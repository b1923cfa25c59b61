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
