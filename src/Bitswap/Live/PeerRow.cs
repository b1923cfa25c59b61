namespace Bitswap.Live;

/// <summary>A connected peer, as a line of the screen.</summary>
internal sealed record PeerRow(
    string Peer, bool IsInbound, string Agent, TimeSpan? Latency, double ReceivedPerSecond, double SentPerSecond, long Received, long Sent);
