namespace Bitswap.Protocol.Actions;

/// <summary>A peer sent a block that it was not asked for, which is dropped. For a log, and of each peer once a second at the most.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Cid">What the block hashes to.</param>
/// <param name="Size">Its bytes.</param>
public sealed record BlockRefused(PeerId Peer, Cid Cid, int Size) : EngineAction;
