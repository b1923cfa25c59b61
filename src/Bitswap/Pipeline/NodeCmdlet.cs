using System.Management.Automation;
using System.Reflection;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag;
using Bitswap.Dag.UnixFs.Read;
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
    /// <exception cref="Errors.FaultException">NoNode, SeveralNodes, NodeStopped or NodeElsewhere.</exception>
    private protected BitswapNode ResolveNode() => NodeResolver.Resolve(Node, NodeRegistry.Running, Node is not null && !_isNodeSaid && (Node.IsOfObject || !IsNodePiped()));

    // what is piped to a cmdlet about nodes is the node, and else the node comes along with what is piped
    private bool IsNodePiped() => GetType().GetProperty(nameof(Node))!.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipeline);

    /// <summary>The CID that an argument leads to. What there is to tell of the way is a warning.</summary>
    private protected Cid ResolvePath(BlockReader blocks, ContentArgument argument) => ResolvePath(new UnixFsReader(blocks), argument.Resolve());

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
