using System.Management.Automation.Runspaces;
using Bitswap.Node;
using Bitswap.Node.Observability;
using Bitswap.Node.Routing;
using Bitswap.Pipeline;

namespace Bitswap.Nodes;

/// <summary>
/// A node that lives for one call of a cmdlet. It fetches only: it listens nowhere, serves nothing, has a new identity, and keeps its blocks in memory until the call is over.
/// </summary>
internal static class CallNode
{
    private const string NamePrefix = "call";

    /// <summary>The options of such a node.</summary>
    /// <param name="isPublic">Whether it joins the public network.</param>
    /// <param name="gateways">The gateways that it asks.</param>
    /// <exception cref="BitswapException">InvalidGateway.</exception>
    public static NodeOptions OptionsFor(bool isPublic, IReadOnlyList<Uri> gateways)
    {
        NodeOptions options = new() { ListenAddresses = [] };
        if (isPublic)
        {
            options = options with { Routing = PublicNetwork.Join(options.Routing), Http = PublicNetwork.Join(options.Http) };
        }

        return options with
        {
            Http = options.Http with { Gateways = [.. gateways.Distinct().Select(GatewayUri.Check)] },
            Engine = options.Engine with { ClientOnly = true, FailFastWithoutPeers = gateways.Count == 0 },
        };
    }

    /// <summary>Starts such a node; disposing it stops it.</summary>
    /// <param name="options">What <see cref="OptionsFor"/> gives.</param>
    /// <param name="log">Where it logs to; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static BitswapNode Start(NodeOptions options, LogRelay? log, CancellationToken cancellationToken)
    {
        string name = NodeRegistry.Reserve(null, NamePrefix);
        BitswapNode? node = null;
        try
        {
            NodeHost host = PipelineThread.Wait(new ValueTask<NodeHost>(NodeHost.StartAsync(options with { LogListener = log?.Listener }, cancellationToken)));
            log?.Adopt(host);
            Runspace owner = Runspace.DefaultRunspace;
            node = new BitswapNode(name, host, options.ListenAddresses, owner.InstanceId, store: null) { IsOfCall = true };
            NodeRegistry.Add(node);
            RunspaceWatch.Watch(owner);
            return node;
        }
        finally
        {
            if (node is null)
            {
                NodeRegistry.Release(name);
            }
        }
    }
}
