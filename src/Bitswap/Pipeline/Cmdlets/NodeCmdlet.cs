using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Node.Routing;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that works on one node, which may be left out when exactly one runs.</summary>
public abstract class NodeCmdlet : NodeBoundCmdlet
{
    private BitswapNode? _ofCall;

    private protected NodeCmdlet()
    {
    }

    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SingleValue]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public NodeArgument? Node { get; set; }

    /// <summary>What a node for this call alone is started with; null where the call works on a node that runs.</summary>
    /// <exception cref="FaultException">InvalidOption: the parameters exclude each other.</exception>
    private protected virtual NodeOptions? CallOptions => null;

    /// <summary>The node meant by the current item, or the one for this call.</summary>
    /// <exception cref="FaultException">NoNode, SeveralNodes, NodeStopped or NodeElsewhere; InvalidOption.</exception>
    private protected BitswapNode ResolveNode()
    {
        if (_ofCall is not null)
        {
            return _ofCall;
        }

        if (CallOptions is { } options)
        {
            WriteVerbose($"A node for this call asks these, and they learn what it looks for: {PublicNetwork.Describe(options.Routing, options.Http)}");
            _ofCall = CallNode.Start(options, Log, StopToken);
            if (options.Routing.Routers.Count == 0)
            {
                // nothing else can be asked, so what is wrong with a gateway is told at once
                foreach (BitswapException failure in PipelineThread.Wait(CallNode.AwaitGatewayAsync(_ofCall.Host, options.Http.Gateways, StopToken)))
                {
                    WriteWarning(failure.Message);
                }
            }

            return _ofCall;
        }

        BitswapNode node = ResolveRunning();
        Log?.Follow(node.Host);
        return node;
    }

    // the remedy is one that this cmdlet has
    private BitswapNode ResolveRunning()
    {
        try
        {
            return NodeResolver.Resolve(Node, NodeRegistry.Running, !IsNodeSaid);
        }
        catch (FaultException none) when (none.Fault.ErrorId == Faults.NoNode().ErrorId && !IsNodeSaid
            && MyInvocation.MyCommand.Parameters.ContainsKey("Public") && !MyInvocation.BoundParameters.ContainsKey("Local"))
        {
            throw new FaultException(Faults.NoNodeToFetch());
        }
    }

    /// <summary>What a node for this call is started with, by the parameters of a cmdlet that has them; null where neither is given.</summary>
    /// <param name="isPublic">-Public.</param>
    /// <param name="gateways">-Gateway.</param>
    /// <param name="isLocal">-Local.</param>
    private protected NodeOptions? CallOptionsOf(bool isPublic, Uri[]? gateways, bool isLocal)
    {
        if (!isPublic && gateways is null)
        {
            return null;
        }

        string asked = isPublic ? "-Public" : "-Gateway";
        return IsNodeSaid ? throw new FaultException(Faults.CallNodeExcludes(asked, "-Node"))
            : isLocal ? throw new FaultException(Faults.CallNodeExcludes(asked, "-Local"))
            : CallNode.OptionsFor(isPublic, gateways ?? []);
    }

    /// <inheritdoc/>
    private protected override void Release() => _ofCall?.Dispose();
}
