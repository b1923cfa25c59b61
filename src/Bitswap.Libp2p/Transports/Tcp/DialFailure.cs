namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Why one way to a peer did not work.</summary>
/// <param name="Address">The address.</param>
/// <param name="Error">Why.</param>
/// <param name="Transport">What the address is dialled by, where that is not spoken here; else null.</param>
internal readonly record struct DialFailure(string Address, Exception Error, string? Transport = null);
