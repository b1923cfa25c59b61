
namespace Bitswap.Node.Watching;

/// <summary>A peer that speaks Bitswap came or went.</summary>
/// <param name="Time">When.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Version">What it speaks; null when it went.</param>
public sealed record PeerObservation(DateTimeOffset Time, PeerId Peer, BitswapVersion? Version) : NodeObservation(Time);
