namespace Bitswap.Hostile;

/// <summary>What an honest transfer came to.</summary>
/// <param name="Rate">Bytes a second, over the whole time.</param>
/// <param name="Breaks">How often the node did not let it in; it came again each time.</param>
/// <param name="Reason">What was said the last time, or null.</param>
internal sealed record TransferResult(double Rate, int Breaks, string? Reason);
