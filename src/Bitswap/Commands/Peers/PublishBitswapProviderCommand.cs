using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Pipeline;
using Bitswap.Providers;

namespace Bitswap.Commands;

/// <summary>
/// Tells the DHT once that the node has blocks, so that others find them. Everyone who asks the DHT for one of them learns the peer id and the addresses of the node.
/// </summary>
[Cmdlet(VerbsData.Publish, "BitswapProvider", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapProviderRecord))]
public sealed class PublishBitswapProviderCommand : NodeCmdlet
{
    /// <summary>How many blocks are announced at once; each tells up to 20 peers.</summary>
    private const int AtOnce = 4;

    private WorkPump _pump = null!;

    /// <summary>The blocks: CIDs as text in any base, paths such as cid/a/b, or objects that have one. They are stored in the node.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>How many seconds each block has, 120 by default; 0 is no limit but that of the DHT lookup.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 120;

    private protected override void Begin() => _pump = new WorkPump(this, AtOnce, ordered: false, StopToken);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        IReadOnlyList<IProviderTarget> targets = node.Host.Routing.Targets;
        if (targets.Count == 0)
        {
            throw new FaultException(Faults.NoBootstrap(node.Name));
        }

        foreach (CidArgument argument in Filled(Cid))
        {
            if (!TryAwait(_ => ValueTask.FromResult(Askable(ResolveStored(node, argument))), argument.ToString(), out Cid cid))
            {
                continue;
            }

            if (KnownBlock.Is(cid.Hash))
            {
                WriteWarning($"The block {cid} follows from the CID itself, so nobody is told who has it.");
            }
            else if (ShouldProcess($"{cid} of {node.Name}", "Publish to the DHT"))
            {
                foreach (IProviderTarget target in targets)
                {
                    _pump.Start(token => new ProviderAnnouncement(node, target, cid).RunAsync(TimeoutSeconds, token));
                }
            }
        }
    }

    private protected override void End() => _pump.Complete();

    private protected override void Release()
    {
        _pump?.Dispose();
        base.Release();
    }
}
