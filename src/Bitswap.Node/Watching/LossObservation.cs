namespace Bitswap.Node.Watching;

/// <summary>Observations were lost, since who reads them was too slow.</summary>
/// <param name="Time">When that was noticed.</param>
/// <param name="Count">How many.</param>
public sealed record LossObservation(DateTimeOffset Time, long Count) : NodeObservation(Time);
