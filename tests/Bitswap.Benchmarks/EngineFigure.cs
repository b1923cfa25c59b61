namespace Bitswap.Benchmarks;

/// <summary>What one engine cost a block.</summary>
/// <param name="BlocksPerSecond">Blocks a second of processor time spent in it.</param>
/// <param name="BytesPerBlock">Bytes allocated in it a block.</param>
internal sealed record EngineFigure(double BlocksPerSecond, double BytesPerBlock);
