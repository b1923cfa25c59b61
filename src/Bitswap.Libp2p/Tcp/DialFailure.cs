namespace Bitswap.Libp2p.Tcp;

/// <summary>Why one way to a peer did not work.</summary>
internal readonly record struct DialFailure(string Address, Exception Error);
