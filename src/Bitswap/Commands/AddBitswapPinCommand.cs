using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag;
using Bitswap.Dag.Walk;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Node.Files;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Pins blocks, with all below them, so that Clear-BitswapStore leaves them alone. What is missing is fetched first: a graph that is pinned is
/// there whole.
/// </summary>
[Cmdlet(VerbsCommon.Add, "BitswapPin")]
[OutputType(typeof(BitswapPin))]
public sealed class AddBitswapPinCommand : NodeCmdlet
{
    private PeerChoice? _peers;

    /// <summary>What to pin: CIDs as text in any base, /ipfs/ paths, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>What it is called, for people.</summary>
    [Parameter]
    [ValidateLength(1, PinSet.MaxNameLength)]
    public string? Name { get; set; }

    /// <summary>Pins the one block alone, and nothing below it.</summary>
    [Parameter]
    public SwitchParameter Direct { get; set; }

    /// <summary>Asks only these peers for what is not stored, and tells nobody else. Those given by address are dialled when they are not connected.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>Asks nobody: takes what the node has stored.</summary>
    [Parameter]
    public SwitchParameter Local { get; set; }

    /// <summary>After how many seconds in which no block arrives it is given up, 30 by default; 0 waits for ever. As long as blocks come, it may take any time.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    public double TimeoutSeconds { get; set; } = 30;

    private protected override void Begin() => _peers = Peer is null ? null : new PeerChoice(Peer);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        IReadOnlyList<PeerId>? peers = _peers?.Resolve(node, StopToken);
        foreach (CidArgument argument in Cid)
        {
            if (TryAwait(_ => ValueTask.FromResult(argument.Resolve()), argument, out Cid cid)
                && TryAwait(_ => ValueTask.FromResult(Pin(node, cid, peers)), cid, out BitswapPin pin))
            {
                WriteObject(pin);
            }
        }
    }

    private BitswapPin Pin(BitswapNode node, Cid cid, IReadOnlyList<PeerId>? peers)
    {
        GraphSource source = Local ? GraphSource.Local(node) : GraphSource.Fetch(node, peers, TimeLimit.From(TimeoutSeconds));
        try
        {
            return GraphRun.Run(this, "Pinning", StopToken, count => Pinner.PinAsync(node, cid, !Direct, Name, source, count, StopToken));
        }
        finally
        {
            PipelineThread.Wait(source.DisposeAsync().AsTask());
        }
    }
}
