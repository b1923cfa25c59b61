using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Actions;

/// <summary>
/// Send a message. Messages for one peer are sent in the order in which they were taken; each is answered by
/// <see cref="BitswapEngine.MessageSent"/> exactly once, unless the peer is reported disconnected before.
/// </summary>
/// <param name="Peer">The peer, which is connected.</param>
/// <param name="MessageId">What <see cref="BitswapEngine.MessageSent"/> names.</param>
/// <param name="Message">The message; at most <see cref="EngineOptions.MaxMessageSize"/> bytes in the peer's version.</param>
public sealed record SendMessage(PeerId Peer, long MessageId, BitswapMessage Message) : EngineAction;
