using Bitswap.Protocol;

namespace Bitswap.Node.Peers;

/// <summary>Why a lost peer cannot be asked.</summary>
/// <param name="Kind">What was met, in a word.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="IsFinal">Whether another try would meet the same.</param>
internal sealed record RedialFailure(PeerAnswerKind Kind, string Detail, bool IsFinal);
