namespace Bitswap.Libp2p.Connections;

/// <summary>Who answers a protocol.</summary>
/// <param name="Handle">Serves a stream.</param>
/// <param name="MostPerPeer">The streams that one peer may have open. Only what the host answers itself has such a limit; the rest is for the layers above.</param>
internal sealed record ProtocolHandler(Func<Libp2pStream, CancellationToken, Task> Handle, int? MostPerPeer);
