using System.Globalization;
using Bitswap.Node.Providing;

namespace Bitswap;

/// <summary>What a node announces in the DHT by its option Provide, and has announced. The counters are since it was started.</summary>
public sealed class BitswapProvideStat
{
    private readonly ProvideStat _stat;

    internal BitswapProvideStat(ProvideStat stat) => _stat = stat;

    /// <summary>Which blocks: Roots, Pinned or All.</summary>
    public string Strategy => _stat.Strategy.ToString();

    /// <summary>How many blocks that were when they were last listed.</summary>
    public int Blocks => _stat.Blocks;

    /// <summary>How many of them were left out, at least: more than the option MaxProvideKeys allows.</summary>
    public long LeftOut => _stat.LeftOut;

    /// <summary>Blocks and pins that wait to be announced for the first time, those among them for which that failed.</summary>
    public int Waiting => _stat.Waiting;

    /// <summary>How many times a block was announced, and at least one peer took it.</summary>
    public long Announced => _stat.Announced;

    /// <summary>How many times no peer took a block.</summary>
    public long Failed => _stat.Failed;

    /// <summary>Lookups in the DHT.</summary>
    public long Lookups => _stat.Lookups;

    /// <summary>When the last pass over all blocks began, which may have been before the node was started; null for never.</summary>
    public DateTimeOffset? SweepStarted => _stat.SweepStarted;

    /// <summary>When it ended; null while it goes on.</summary>
    public DateTimeOffset? SweepEnded => _stat.SweepEnded;

    /// <summary>When the next blocks are announced, or tried again.</summary>
    public DateTimeOffset NextDue => _stat.Next;

    /// <summary>Why announcing failed last; null where it did not, or was done since.</summary>
    public string? Failure => _stat.Failure;

    /// <inheritdoc/>
    public override string ToString()
    {
        string sweep = (SweepStarted, SweepEnded) switch
        {
            (null, _) => "no pass yet",
            ({ } started, null) => string.Create(CultureInfo.InvariantCulture, $"a pass since {started.LocalDateTime:g}"),
            (_, { } ended) => string.Create(CultureInfo.InvariantCulture, $"last pass ended {ended.LocalDateTime:g}"),
        };
        string failure = Failure is null ? "" : $"; last failure: {Failure}";
        return string.Create(CultureInfo.InvariantCulture, $"{Strategy}: {Blocks} blocks, {Waiting} waiting, {Announced} announced, {Failed} not taken, {Lookups} lookups; {sweep}{failure}");
    }
}
