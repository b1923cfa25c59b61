
namespace Bitswap.Node.Peers;

/// <summary>A message the engine wants sent, and the number by which it hears of the outcome.</summary>
internal readonly record struct OutgoingMessage(long Id, BitswapMessage Message);
