namespace Bitswap.Dag.Walk;

/// <summary>The answer to a question for a block.</summary>
/// <param name="IsThere">Whether it is there.</param>
/// <param name="Data">Its bytes, unless only its size was asked for.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="Error">Why it is not there.</param>
internal readonly record struct WalkBlock(bool IsThere, ReadOnlyMemory<byte> Data, long? Size, Exception? Error);
