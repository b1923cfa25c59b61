namespace Bitswap.Node.Providing;

/// <summary>What a node announces, and has announced since it was started.</summary>
/// <param name="Strategy">Which blocks.</param>
/// <param name="Blocks">How many that were when they were last listed, but for those left out.</param>
/// <param name="LeftOut">How many were left out then, at least: the node's options allow no more.</param>
/// <param name="Waiting">Blocks and pins that wait to be announced for the first time, those among them for which that failed.</param>
/// <param name="Announced">How many times a block was announced, and at least one peer took it.</param>
/// <param name="Failed">How many times none did.</param>
/// <param name="Lookups">Lookups in the DHT for that.</param>
/// <param name="SweepStarted">When the last pass over all blocks began, also before the node was started; null for never.</param>
/// <param name="SweepEnded">When it ended; null while it goes on.</param>
/// <param name="Next">When the next blocks are announced, or tried again.</param>
/// <param name="Failure">Why announcing failed last; null where it did not, or was done since.</param>
public sealed record ProvideStat(
    ProvideStrategy Strategy,
    int Blocks,
    long LeftOut,
    int Waiting,
    long Announced,
    long Failed,
    long Lookups,
    DateTimeOffset? SweepStarted,
    DateTimeOffset? SweepEnded,
    DateTimeOffset Next,
    string? Failure);
