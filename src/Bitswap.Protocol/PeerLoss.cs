namespace Bitswap.Protocol;

/// <summary>How the connection to a peer ended.</summary>
/// <param name="CanReturn">Whether the host knows an address to dial the peer at again, and may.</param>
/// <param name="ByUs">Whether this side closed it.</param>
/// <param name="Reason">Why, for a report; null when nothing is known.</param>
public sealed record PeerLoss(bool CanReturn, bool ByUs, string? Reason)
{
    /// <summary>The peer is gone, and nothing is known of where it could be dialled.</summary>
    public static PeerLoss ForGood { get; } = new(false, false, null);
}
