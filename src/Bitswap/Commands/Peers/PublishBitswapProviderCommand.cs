using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Node.Providing;
using Bitswap.Pipeline;
using Bitswap.Providers;

namespace Bitswap.Commands;

/// <summary>
/// Tells the DHT once that the node has blocks, so that others find them. Everyone who asks the DHT for one of them learns the peer id and the addresses of the node.
/// </summary>
[Cmdlet(VerbsData.Publish, "BitswapProvider", DefaultParameterSetName = "Cid", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapProviderRecord))]
public sealed class PublishBitswapProviderCommand : NodeCmdlet
{
    /// <summary>How many blocks share lookups, and are kept in memory for that.</summary>
    private const int AtOnce = 16_384;

    private readonly Dictionary<BitswapNode, HashSet<Cid>> _waiting = [];

    /// <summary>The blocks: CIDs as text in any base, paths such as cid/a/b, or objects that have one. They are stored in the node.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Cid")]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>The roots: what is pinned, without the blocks below it, and what was added or imported since the node was started.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Root")]
    public SwitchParameter Root { get; set; }

    /// <summary>What is pinned, with all blocks below that are stored.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Pinned")]
    public SwitchParameter Pinned { get; set; }

    /// <summary>How many seconds the next blocks have that share a lookup, 120 by default; 0 is no limit but those of the node.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 120;

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        if (node.Host.Routing.Targets.Count == 0)
        {
            throw new FaultException(Faults.NoBootstrap(node.Name));
        }

        if (ParameterSetName == "Cid")
        {
            foreach (CidArgument argument in Filled(Cid))
            {
                if (TryAwait(_ => ValueTask.FromResult(Askable(ResolveStored(node, argument))), argument.ToString(), out Cid cid))
                {
                    Take(node, cid, isNamed: true);
                }
            }

            return;
        }

        if ((Root || Pinned) && ShouldProcess($"The {(Root ? "roots" : "pinned blocks")} of {node.Name}", "Publish to the DHT"))
        {
            ProvidedBlocks blocks = node.Host.BlocksOf(Root ? ProvideStrategy.Roots : ProvideStrategy.Pinned);
            foreach (Cid cid in PipelineThread.Each(blocks.EachAsync(StopToken), StopToken))
            {
                Take(node, cid, isNamed: false);
            }
        }
    }

    private protected override void End()
    {
        foreach ((BitswapNode node, HashSet<Cid> cids) in _waiting)
        {
            Publish(node, cids);
        }
    }

    private void Take(BitswapNode node, Cid cid, bool isNamed)
    {
        if (KnownBlock.Is(cid.Hash))
        {
            if (isNamed)
            {
                WriteWarning($"The block {cid} follows from the CID itself, so no peer is told who has it.");
            }

            return;
        }

        if (isNamed && !ShouldProcess($"{cid} of {node.Name}", "Publish to the DHT"))
        {
            return;
        }

        if (!_waiting.TryGetValue(node, out HashSet<Cid>? waiting))
        {
            _waiting.Add(node, waiting = []);
        }

        waiting.Add(cid);
        if (waiting.Count >= AtOnce)
        {
            Publish(node, waiting);
            waiting.Clear();
        }
    }

    private void Publish(BitswapNode node, HashSet<Cid> cids)
    {
        if (cids.Count == 0)
        {
            return;
        }

        foreach (IProviderTarget target in node.Host.Routing.Targets)
        {
            using ProgressMeter progress = new(this, "Announcing blocks", TimeProvider.System) { Total = cids.Count };
            ProviderAnnouncement announcement = new(node, target, cids);
            foreach (Action<IPipelineSink> write in PipelineThread.Each(announcement.RunAsync(TimeoutSeconds, StopToken), ProgressMeter.Glance, progress.Update, StopToken))
            {
                write(this);
                progress.Add(0);
            }
        }
    }
}
