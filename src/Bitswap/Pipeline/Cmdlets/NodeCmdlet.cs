using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that works on one node, which may be left out when exactly one runs.</summary>
public abstract class NodeCmdlet : NodeBoundCmdlet
{
    private protected NodeCmdlet()
    {
    }

    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SingleValue]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public NodeArgument? Node { get; set; }

    /// <summary>The node meant by the current item.</summary>
    /// <exception cref="Errors.FaultException">NoNode, SeveralNodes, NodeStopped or NodeElsewhere.</exception>
    private protected BitswapNode ResolveNode()
    {
        BitswapNode node = NodeResolver.Resolve(Node, NodeRegistry.Running, !IsNodeSaid);
        Log?.Follow(node.Host);
        return node;
    }
}
