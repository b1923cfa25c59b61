using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Graphs;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that has blocks from the store and, unless it is told not to, from peers.</summary>
public abstract class FetchCmdlet : NodeCmdlet
{
    private PeerSelection? _only;

    private protected FetchCmdlet()
    {
    }

    /// <summary>Asks only these peers for what is not stored, and tells no other peer. Those given by address are dialled when they are not connected.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>Asks no peer: takes what the node has stored.</summary>
    [Parameter]
    public SwitchParameter Local { get; set; }

    /// <summary>After how many seconds in which no block arrives it is given up, 30 by default; 0 waits for ever. As long as blocks come, it may take any time.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 30;

    /// <summary>Waits, as long as -TimeoutSeconds allows, also for what every peer says it does not have: for a provider that is adding it still.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Whether what is fetched is written to a file, so that a store in memory need not hold it.</summary>
    private protected virtual bool IsPassing => false;

    private protected override TimeSpan? NameLimit => TimeLimit.From(TimeoutSeconds);

    private protected override bool MayAskForNames => !Local;

    private protected override bool DialsHints => !Local && Peer is null;

    /// <summary>Opens the source that the parameters tell; who asked disposes it.</summary>
    private protected GraphSource OpenSource(BitswapNode node)
    {
        if (Local)
        {
            return GraphSource.Local(node);
        }

        _only ??= Peer is null ? null : new PeerSelection(Peer);
        return GraphSource.Fetch(node, _only?.Resolve(node, StopToken), TimeLimit.From(TimeoutSeconds), Wait, IsPassing, Story);
    }
}
