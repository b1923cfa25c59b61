using System.Management.Automation;
using System.Reflection;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Multiformats;
using Bitswap.Node.Files;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that works on a node, which may be left out when exactly one runs.</summary>
public abstract class NodeCmdlet : BitswapCmdlet
{
    private bool _isNodeSaid;

    private protected NodeCmdlet()
    {
    }

    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public virtual NodeArgument? Node { get; set; }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        _isNodeSaid = Node is not null;
        base.BeginProcessing();
    }

    /// <summary>The node meant by the current item.</summary>
    /// <exception cref="FaultException">NoNode, SeveralNodes, NodeStopped or NodeElsewhere.</exception>
    private protected BitswapNode ResolveNode() => NodeResolver.Resolve(Node, NodeRegistry.Running, Node is not null && !_isNodeSaid && (Node.IsOfObject || !IsNodePiped()));

    // what is piped to a cmdlet about nodes is the node, and else the node comes along with what is piped
    private bool IsNodePiped() => GetType().GetProperty(nameof(Node))!.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipeline);

    /// <summary>The CID that an argument leads to. What there is to tell of the way is a warning.</summary>
    private protected Cid ResolvePath(BlockReader blocks, CidArgument argument) => ResolvePath(new UnixFsReader(blocks), argument.ResolvePath());

    /// <summary>The CID that an argument leads to by what the node has stored. What there is to tell of the way is a warning.</summary>
    /// <exception cref="FaultException">What is wrong with the argument; BlockNotFound: a block on the way is not stored.</exception>
    private protected Cid ResolveStored(BitswapNode node, CidArgument argument)
    {
        ContentPath path = argument.ResolvePath();
        try
        {
            return ResolvePath(new UnixFsReader(NodeBlocks.Local(node.Host)), path);
        }
        catch (BitswapException missing) when (missing.ErrorId == "BlockNotFound" && missing.Target is Cid cid)
        {
            throw new FaultException(Faults.PathNotStored(path, cid));
        }
    }

    /// <summary>The CID that an argument leads to, by what the node has stored and what peers send.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="argument">The CID or path.</param>
    /// <param name="silence">How long no block may arrive while one is waited for, or null for ever.</param>
    private protected Cid ResolveFetched(BitswapNode node, CidArgument argument, TimeSpan? silence)
    {
        ContentPath path = argument.ResolvePath();
        if (path.Names.Count == 0)
        {
            return path.Root;
        }

        GraphSource source = GraphSource.Fetch(node, null, silence);
        try
        {
            return ResolvePath(new UnixFsReader(source.Reader), path);
        }
        finally
        {
            PipelineThread.Wait(source.DisposeAsync().AsTask());
        }
    }

    /// <summary>The CID of a block that can be asked for.</summary>
    /// <exception cref="FaultException">InvalidMultihash: no block may have the CID.</exception>
    private protected static Cid Askable(Cid cid) => BlockRule.Check(cid) is { } refusal ? throw new FaultException(Faults.Refused(cid, refusal)) : cid;

    /// <summary>The CID that a path leads to. What there is to tell of the way is a warning.</summary>
    private protected Cid ResolvePath(UnixFsReader reader, ContentPath path)
    {
        ResolvedPath resolved = PipelineThread.Wait(reader.ResolveAsync(path, StopToken));
        foreach (string note in resolved.Notes)
        {
            WriteWarning(note);
        }

        return resolved.Cid;
    }
}
