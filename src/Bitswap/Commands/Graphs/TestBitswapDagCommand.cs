using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Walk;
using Bitswap.Graphs;
using Bitswap.Node.Content;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Walks graphs and tells which of their blocks are missing in the node's store, or there and at peers: whether all could be had from them.
/// Nothing comes out of a graph that is whole. A peer's blocks of which the links must be known are fetched and stored; blocks of raw bytes are
/// only asked for.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "BitswapDag")]
[OutputType(typeof(BitswapDagGap), typeof(bool))]
public sealed class TestBitswapDagCommand : NodeCmdlet
{
    // each question to a peer has a time of its own, in which not all blocks of a graph can be answered
    private const int QuestionsAtOnce = 32;

    private PeerSelection? _peers;

    /// <summary>The roots: CIDs as text in any base, paths such as cid/a/b or /ipfs/cid/a/0, or objects that have a CID.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Asks these peers for what the node does not have; a block that one of them has counts as there. Without it, no peer is asked.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>How many seconds a peer may be silent, 10 by default. One that is silent for longer is asked no more, and what no other peer has is missing.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.001, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 10;

    /// <summary>Gives $true for each graph that is whole and $false for each that is not, and ends at the first gap.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>
    /// Reads all that is stored and checks it against its CID. Without it, blocks of raw bytes are only looked up: one that is missing or has another size than
    /// its parent says is told, one that was changed in place is not.
    /// </summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    private protected override void Begin() => _peers = Peer is null ? null : new PeerSelection(Peer);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        IReadOnlyList<PeerId>? peers = _peers?.Resolve(node, StopToken);
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(Walk(node, argument, peers)), argument.ToString(), out bool whole) && Quiet)
            {
                WriteObject(whole);
            }
        }
    }

    private bool Walk(BitswapNode node, CidArgument argument, IReadOnlyList<PeerId>? peers)
    {
        TimeSpan time = TimeSpan.FromSeconds(TimeoutSeconds);
        GraphSource source = peers is null ? GraphSource.Local(node) : GraphSource.Fetch(node, peers, time, tell: Story);
        try
        {
            PeerPanel? panel = peers is null ? null : new PeerPanel(source, peers, time);
            DagWalkOptions options = new() { ReadAhead = panel is null ? new DagWalkOptions().ReadAhead : QuestionsAtOnce, LeafSize = panel is null ? Verify ? null : NodeBlocks.LeafSize(node.Host) : panel.LeafSize(Verify) };
            BlockReader reader = panel is null ? source.Reader : panel.ReadAsync;
            if (Verify)
            {
                reader = NodeBlocks.Verified(reader);
            }

            return Walk(source, new DagWalker(reader, options), ResolvePath(node, reader, argument, source));
        }
        finally
        {
            PipelineThread.Dispose(source);
        }
    }

    private bool Walk(GraphSource source, DagWalker walker, Cid root)
    {
        using ProgressMeter meter = new(this, "Testing graphs", TimeProvider.System) { WaitsFor = source.WaitsFor };
        bool whole = true;
        foreach (DagWalkItem item in PipelineThread.Each(walker.WalkAsync([root], StopToken), ProgressMeter.Glance, meter.Update, StopToken))
        {
            meter.Add(item.Size ?? 0);
            if (item.State == DagWalkState.Present)
            {
                continue;
            }

            if (item.Error is BitswapException { ErrorId: NodeErrorIds.NodeStopped } stopped)
            {
                throw stopped;
            }

            whole = false;
            if (Quiet)
            {
                break;
            }

            WriteObject(new BitswapDagGap(item, source.Node));
        }

        return whole;
    }
}
