using System.Management.Automation;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Removes the blocks that are no longer needed: those that are not pinned, not below a recursive pin, and not put or asked for by an import or a fetch
/// that is under way. Gives an object for each block that is gone.
/// </summary>
[Cmdlet(VerbsCommon.Clear, "BitswapStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BitswapBlock))]
public sealed class ClearBitswapStoreCommand : NodeListCmdlet
{
    /// <summary>
    /// Goes on where a pinned graph is not whole: what lies below a missing block is then not known to be pinned, and is removed. And where the store was not
    /// made by this module: what its owner needs of it is not known, and is removed.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process(BitswapNode node)
    {
        StoreCollection collection = GraphRun.Run(
            this, "Looking for blocks that no pin reaches", _ => node.Host.BeginCollectionAsync(null, Force, StopToken), StopToken);
        try
        {
            WriteVerbose($"{collection.Kept} blocks are kept because they are pinned or in use.");
            Collector.Remove(
                this, node, collection, "Unneeded blocks", block => WriteObject(new BitswapBlock(block.Cid, block.Size, null, null, node)), StopToken);
        }
        finally
        {
            PipelineThread.Dispose(collection);
        }
    }
}
