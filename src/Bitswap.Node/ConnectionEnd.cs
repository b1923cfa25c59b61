namespace Bitswap.Node;

/// <summary>How the last connection to a peer ended.</summary>
/// <param name="ByUs">Whether this side closed it.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record ConnectionEnd(bool ByUs, string Reason);
