namespace Bitswap.Protocol.Actions;

/// <summary>
/// Dial a lost peer again: blocks are wanted that it may have. Answered by <see cref="BitswapEngine.PeerConnected"/>, as any connection, or by
/// <see cref="BitswapEngine.ConnectFailed"/>.
/// </summary>
/// <param name="RequestId">What <see cref="BitswapEngine.ConnectFailed"/> names.</param>
/// <param name="Peer">The peer, of which <see cref="PeerLoss.CanReturn"/> was said.</param>
public sealed record ConnectPeer(long RequestId, PeerId Peer) : EngineAction;
