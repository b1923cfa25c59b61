using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.Links;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Multiformats;
using Bitswap.Node.Content;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Removes files, folders and other graphs from a node's store: the root and all below it, but for blocks that a pin keeps or that are in
/// flight. Blocks that another file shares go too, unless that one is pinned.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "BitswapFile", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapBlock))]
public sealed class RemoveBitswapFileCommand : NodeCmdlet
{
    /// <summary>The roots: CIDs as text in any base, paths such as cid/a/b, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>
    /// Takes the pin of the root away first, and goes on where another pinned graph is not whole, and where the store was not made by this module.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives an object for each block that is gone.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolveStored(node, argument)), argument, out Cid cid))
            {
                TryAwait(_ => ValueTask.FromResult(Remove(node, cid)), cid, out bool _);
            }
        }
    }

    private bool Remove(BitswapNode node, Cid cid)
    {
        // a store of the user's own may not look at the token; and what is corrupt can be removed, as can what an identity CID links to
        bool isInline = KnownBlock.Is(cid.Hash) && !DagLinks.IsLeaf(cid.Codec);
        if (!isInline && PipelineThread.Wait(new ValueTask<long?>(node.Host.Blocks.GetSizeAsync(cid, StopToken).AsTask().WaitAsync(StopToken))) is null)
        {
            throw new FaultException(Faults.NotStored(cid));
        }

        if (node.Host.Pins.Find(cid) is not null)
        {
            if (!Force)
            {
                throw new FaultException(Faults.Pinned(cid));
            }

            if (!ShouldProcess($"{cid} in {node.Name}", "Remove pin"))
            {
                return false;
            }

            PipelineThread.Wait(node.Host.UnpinAsync(cid, StopToken));
        }

        StoreCollection collection = GraphRun.Run(this, "Looking for the blocks", _ => node.Host.BeginCollectionAsync([cid], Force, StopToken), StopToken);
        try
        {
            Collector.Remove(this, node, collection, cid.ToString(), block => Removed(block, node), StopToken);
        }
        finally
        {
            PipelineThread.Dispose(collection);
        }

        return true;
    }

    private void Removed(StoredBlock block, BitswapNode node)
    {
        if (PassThru)
        {
            WriteObject(new BitswapBlock(block.Cid, block.Size, null, null, node));
        }
    }
}
