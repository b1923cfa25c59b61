using Bitswap.Protocol;

namespace Bitswap.Node.Engine;

/// <summary>Something of one peer that the engine is to be told.</summary>
/// <param name="Apply">Tells it, on the loop.</param>
/// <param name="Cost">What that takes, in wantlist entries.</param>
internal readonly record struct PeerInput(Action<BitswapEngine, TimeSpan> Apply, int Cost);
