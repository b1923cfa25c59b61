using System.Management.Automation;
using System.Reflection;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet about nodes: it takes several, by the pipeline, as a list, and by names with wildcards. What is wrong with one is an error of its own, and the next goes on.</summary>
public abstract class NodeListCmdlet : NodeBoundCmdlet
{
    private protected NodeListCmdlet()
    {
    }

    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public virtual NodeArgument[]? Node { get; set; }

    /// <summary>The nodes that are meant when none is given.</summary>
    /// <exception cref="FaultException">NoNode or SeveralNodes.</exception>
    private protected virtual IReadOnlyList<BitswapNode> Unsaid => [NodeResolver.Resolve(null, NodeRegistry.Running)];

    /// <summary>What the cmdlet does with one of the nodes.</summary>
    private protected abstract void Process(BitswapNode node);

    /// <summary>Whether there is nothing to do for what was given, such as a node that has stopped where it is to stop.</summary>
    private protected virtual bool IsDone(NodeArgument argument) => false;

    private protected override void Process()
    {
        foreach (BitswapNode node in Node is null ? Unsaid : Meant(Node))
        {
            try
            {
                Log?.Follow(node.Host);
                Process(node);
            }
            catch (Exception exception) when (FaultMap.TryMap(exception, node.Name, out Fault? fault))
            {
                WriteError(fault.ToErrorRecord());
            }
        }
    }

    // all are looked up before the first is worked on: one that stops is no reason not to find the next
    private List<BitswapNode> Meant(NodeArgument?[] arguments)
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        List<BitswapNode> nodes = [];
        foreach (NodeArgument? argument in arguments)
        {
            try
            {
                if (argument is null)
                {
                    throw new FaultException(Faults.NoNodeGiven("$null"));
                }

                if (IsDone(argument))
                {
                    continue;
                }

                nodes.AddRange(NodeResolver.ResolveAll(argument, running, !IsNodeSaid && (argument.IsOfObject || !IsNodePiped())));
            }
            catch (FaultException bad)
            {
                WriteError(bad.Fault.ToErrorRecord());
            }
        }

        return [.. nodes.Distinct()];
    }

    // what is piped to a cmdlet about nodes is the node, and else the node comes along with what is piped
    private bool IsNodePiped() => GetType().GetProperty(nameof(Node))!.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipeline);
}
