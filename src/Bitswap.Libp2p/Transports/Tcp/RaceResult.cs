namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>How a <see cref="DialRace"/> ended.</summary>
/// <param name="HasWinner">Whether an attempt succeeded.</param>
/// <param name="Winner">What the first successful attempt made.</param>
/// <param name="Failures">The candidates that failed before the end, by index, in the order they failed.</param>
internal readonly record struct RaceResult<T>(bool HasWinner, T? Winner, IReadOnlyList<(int Index, Exception Error)> Failures);
