namespace Bitswap.Protocol.Wire;

/// <summary>HAVE or DONT_HAVE for one CID.</summary>
/// <param name="Cid">The CID that the peer had asked for.</param>
/// <param name="Type">What is said of it.</param>
public readonly record struct BlockPresence(Cid Cid, PresenceType Type);
