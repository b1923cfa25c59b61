namespace Bitswap.Libp2p.Connections;

/// <summary>Who answers a protocol, and how many streams of it one peer may have open.</summary>
internal sealed record ProtocolHandler(Func<Libp2pStream, CancellationToken, Task> Handle, int? MostPerPeer);
