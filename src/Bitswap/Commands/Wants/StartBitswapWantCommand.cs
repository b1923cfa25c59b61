using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Puts CIDs on the wantlist and returns at once. Each block is stored when it comes, also from a peer that connects later.</summary>
[Cmdlet(VerbsLifecycle.Start, "BitswapWant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapWant))]
public sealed class StartBitswapWantCommand : NodeCmdlet
{
    private readonly Dictionary<BitswapNode, long> _sessions = [];
    private PeerSelection? _only;

    /// <summary>What is wanted: CIDs as text in any base, paths such as cid/a/b, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Higher is asked for first, 1 by default.</summary>
    [Parameter]
    public int Priority { get; set; } = 1;

    /// <summary>Block, or Have to learn only whether a peer has it.</summary>
    [Parameter]
    [ValidateSet("Block", "Have")]
    public string Type { get; set; } = "Block";

    /// <summary>Asks only these peers, and tells no other peer.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>After how many seconds the want ends by itself; 0, the default, never.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; }

    private protected override bool DialsHints => Peer is null;

    private protected override void Begin() => _only = Peer is null ? null : new PeerSelection(Peer);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        IReadOnlyList<PeerId>? only = _only?.Resolve(node, StopToken);
        if (!_sessions.TryGetValue(node, out long session))
        {
            session = node.Host.NewSession();
            _sessions.Add(node, session);
        }

        WantOptions options = new()
        {
            Priority = Priority,
            Type = Type.Equals("Have", StringComparison.OrdinalIgnoreCase) ? WantType.Have : WantType.Block,
            Session = session,
            OnlyPeers = only,
            StoreOnly = true,
            Timeout = TimeLimit.From(TimeoutSeconds),
        };
        List<Cid> cids = [];
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(Askable(ResolveStored(node, argument))), argument.ToString(), out Cid cid)
                && ShouldProcess($"{cid} in {node.Name}", "Start want"))
            {
                cids.Add(cid);
            }
        }

        foreach (NodeWant started in PipelineThread.Wait(node.Host.WantAsync(cids, options, StopToken)))
        {
            WriteObject(node.Track(started));
        }
    }
}
