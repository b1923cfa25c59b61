using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Abstractions;

/// <summary>Represents something that the host of a <see cref="BitswapEngine"/> is to do. Taken with <see cref="BitswapEngine.TryDequeue"/>.</summary>
public abstract record EngineAction;

/// <summary>
/// Asks the host to send a message. Messages for one peer are sent in the order in which they were taken; each is answered by
/// <see cref="BitswapEngine.MessageSent"/> exactly once, unless the peer is reported disconnected before.
/// </summary>
/// <param name="Peer">The peer, which is connected.</param>
/// <param name="MessageId">What <see cref="BitswapEngine.MessageSent"/> names.</param>
/// <param name="Message">The message; at most <see cref="EngineOptions.MaxMessageSize"/> bytes in the peer's version.</param>
public sealed record SendMessage(PeerId Peer, long MessageId, BitswapMessage Message) : EngineAction;

/// <summary>Asks the store for the sizes of blocks. Answered once by <see cref="BitswapEngine.BlocksChecked"/>.</summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Cids">The blocks; the answer has one size for each, in this order.</param>
public sealed record CheckBlocks(long RequestId, IReadOnlyList<Cid> Cids) : EngineAction;

/// <summary>Asks the store for blocks. Answered once by <see cref="BitswapEngine.BlocksLoaded"/>.</summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Cids">The blocks; the answer has one element for each, in this order.</param>
public sealed record LoadBlocks(long RequestId, IReadOnlyList<Cid> Cids) : EngineAction;

/// <summary>
/// Asks the store to keep a block that was wanted. Answered once by <see cref="BitswapEngine.BlockStored"/>; do not answer it with
/// <see cref="BitswapEngine.BlockAdded"/> as well.
/// </summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Block">The block under the CID that it was first asked for by.</param>
/// <param name="From">Who sent it.</param>
public sealed record StoreBlock(long RequestId, Block Block, PeerId From) : EngineAction;

/// <summary>Tells that wants ended well: the block is here, and stored. Each want id ends with exactly one action.</summary>
/// <param name="WantIds">The wants that named the block by this CID.</param>
/// <param name="Block">The block, under the CID that those wants asked for it by.</param>
/// <param name="From">Who sent it; null when it was found in the store.</param>
public sealed record BlockReceived(IReadOnlyList<long> WantIds, Block Block, PeerId? From) : EngineAction;

/// <summary>Tells that a want of <see cref="WantType.Have"/> ended well: a peer has the block.</summary>
/// <param name="WantId">The want.</param>
/// <param name="From">Who has it; null when the store has it.</param>
/// <param name="Latency">How long that peer took to say so; zero for the store.</param>
public sealed record HaveReceived(long WantId, PeerId? From, TimeSpan Latency) : EngineAction;

/// <summary>Tells that a want ended without what it wanted.</summary>
/// <param name="WantId">The want.</param>
/// <param name="Reason">Why.</param>
/// <param name="Answers">Who was asked and what each said; empty when no peer was asked.</param>
/// <param name="Detail">For <see cref="WantEndReason.StoreFailed"/> what the store said, for <see cref="WantEndReason.Refused"/> why; otherwise null.</param>
public sealed record WantEnded(long WantId, WantEndReason Reason, IReadOnlyList<PeerAnswer> Answers, string? Detail = null) : EngineAction;

/// <summary>
/// Asks the host to search for peers that have a block. Only with <see cref="EngineOptions.ProviderSearch"/>. The host connects to those it finds (which it
/// reports as any connection) and then calls <see cref="BitswapEngine.ProvidersFound"/>, as often as it likes, the last time with
/// finished = true.
/// </summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Cid">What is looked for.</param>
/// <param name="WantIds">The wants that it is looked for.</param>
public sealed record FindProviders(long RequestId, Cid Cid, IReadOnlyList<long> WantIds) : EngineAction;

/// <summary>
/// Asks the host to dial a lost peer again: blocks are wanted that it may have. Answered by <see cref="BitswapEngine.PeerConnected"/>, as any connection, or by
/// <see cref="BitswapEngine.ConnectFailed"/>.
/// </summary>
/// <param name="RequestId">What <see cref="BitswapEngine.ConnectFailed"/> names.</param>
/// <param name="Peer">The peer, of which <see cref="PeerLoss.CanReturn"/> was said.</param>
public sealed record ConnectPeer(long RequestId, PeerId Peer) : EngineAction;

/// <summary>Asks the host to close the connection of a peer that misbehaves or cannot be written to. The engine goes on with it until told that it is gone.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Reason">Why, for a log and for reports.</param>
/// <param name="MayReturn">False when the peer broke the rules, so that it is not to be dialled again.</param>
public sealed record DropPeer(PeerId Peer, string Reason, bool MayReturn) : EngineAction;

/// <summary>Tells that a peer sent a block that it was not asked for, which is dropped. For a log, and of each peer once a second at the most.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Cid">What the block hashes to.</param>
/// <param name="Size">Its bytes.</param>
public sealed record BlockRefused(PeerId Peer, Cid Cid, int Size) : EngineAction;
