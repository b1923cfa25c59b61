using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Removes blocks from a node's store.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapBlock", SupportsShouldProcess = true)]
public sealed class RemoveBitswapBlockCommand : NodeCmdlet
{
    /// <summary>The blocks: CIDs as text in any base, /ipfs/ paths, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Cid)
        {
            if (TryAwait(_ => ValueTask.FromResult(argument.Resolve()), argument, out Cid cid)
                && ShouldProcess($"{cid} in {node.Name}", "Remove block")
                && TryAwait(token => new ValueTask<bool>(node.Host.RemoveBlockAsync(cid, token).AsTask().WaitAsync(token)), cid, out bool removed)
                && !removed)
            {
                WriteError(Faults.BlockNotFound(cid).ToErrorRecord());
            }
        }
    }
}
