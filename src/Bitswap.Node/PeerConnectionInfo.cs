namespace Bitswap.Node;

/// <summary>What a network knows of a connected peer.</summary>
/// <param name="Peer">The id the peer proved.</param>
/// <param name="Address">The address it is connected by.</param>
/// <param name="IsInbound">Whether the peer dialled us.</param>
/// <param name="Opened">When the connection came up.</param>
/// <param name="Agent">What the peer calls itself, once it has said so.</param>
/// <param name="Protocols">The protocol ids it says it speaks; empty until it has said so.</param>
/// <param name="Latency">The measured round trip, once there is one.</param>
public sealed record PeerConnectionInfo(
    PeerId Peer,
    Multiaddr Address,
    bool IsInbound,
    DateTimeOffset Opened,
    string? Agent,
    IReadOnlyList<string> Protocols,
    TimeSpan? Latency);
