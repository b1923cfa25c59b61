using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that works on a node, which may be left out when exactly one runs.</summary>
public abstract class NodeCmdlet : BitswapCmdlet
{
    private protected NodeCmdlet()
    {
    }

    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public virtual NodeArgument? Node { get; set; }

    /// <summary>The node meant by the current item.</summary>
    /// <exception cref="Errors.FaultException">NoNode, SeveralNodes or NodeStopped.</exception>
    private protected BitswapNode ResolveNode() => NodeResolver.Resolve(Node, NodeRegistry.Running);
}
