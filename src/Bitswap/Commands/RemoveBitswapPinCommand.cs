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

/// <summary>Takes pins away. The blocks stay until Clear-BitswapStore removes them.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapPin", SupportsShouldProcess = true)]
public sealed class RemoveBitswapPinCommand : NodeCmdlet
{
    /// <summary>What is pinned: CIDs as text in any base, /ipfs/ paths, or objects that have one, as those of Get-BitswapPin.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Cid)
        {
            if (TryAwait(_ => ValueTask.FromResult(argument.Resolve()), argument, out Cid cid)
                && ShouldProcess($"{cid} in {node.Name}", "Remove pin")
                && TryAwait(token => node.Host.Pins.RemoveAsync(cid, token), cid, out bool removed)
                && !removed)
            {
                WriteError(Faults.PinNotFound(cid).ToErrorRecord());
            }
        }
    }
}
