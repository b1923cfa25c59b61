using Bitswap.Node.Collecting;
using Bitswap.Node.Providing;

namespace Bitswap.Node;

/// <summary>A node's counters at one moment.</summary>
/// <param name="Engine">The engine's own.</param>
/// <param name="Connections">The connections open.</param>
/// <param name="Uptime">How long the node has run.</param>
public sealed record NodeStat(EngineStat Engine, int Connections, TimeSpan Uptime)
{
    /// <summary>Wants of peers that <see cref="NodeOptions.Filter"/> denied, for whichever reason.</summary>
    public long FilterDenied { get; init; }

    /// <summary>Calls of the filter that threw.</summary>
    public long FilterFailed { get; init; }

    /// <summary>Calls of the filter that took longer than they may.</summary>
    public long FilterLate { get; init; }

    /// <summary>Stored blocks that were found corrupt, those included that have been put again since.</summary>
    public long CorruptBlocks { get; init; }

    /// <summary>What the node announces; null where it announces nothing.</summary>
    public ProvideStat? Providing { get; init; }

    /// <summary>What a bounded repository holds; null without a bound.</summary>
    public StorageStat? Storage { get; init; }
}
