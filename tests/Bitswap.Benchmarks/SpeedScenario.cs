namespace Bitswap.Benchmarks;

/// <summary>One thing to measure.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Size">Bytes a block.</param>
/// <param name="Warmup">Blocks that go before, untimed.</param>
/// <param name="Count">Blocks that are timed.</param>
/// <param name="Parallel">The peer's --parallel.</param>
/// <param name="Bare">Whether the bare line is measured beside it.</param>
internal sealed record SpeedScenario(string Name, int Size, int Warmup, int Count, string Parallel, bool Bare)
{
    public static IReadOnlyList<SpeedScenario> All { get; } =
    [
        new("1MiB", 1 << 20, 1024, 256, "session", Bare: true),
        new("256KiB", 256 << 10, 4096, 1024, "session", Bare: true),
        new("1KiB", 1 << 10, 20_000, 20_000, "session", Bare: false),
        new("sequential", 4 << 10, 2000, 500, "one", Bare: false),
    ];
}
