namespace Bitswap.Protocol.Actions;

/// <summary>The peer misbehaves or cannot be written to: close the connection. The engine goes on with it until told that it is gone.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Reason">Why, for a log and for reports.</param>
/// <param name="MayReturn">False when the peer broke the rules, so that it is not to be dialled again.</param>
public sealed record DropPeer(PeerId Peer, string Reason, bool MayReturn) : EngineAction;
