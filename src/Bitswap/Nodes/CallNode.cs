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

    /// <summary>Waits until one of the gateways is connected, or none can be.</summary>
    /// <returns>What is wrong with those that could not be connected by then.</returns>
    /// <exception cref="BitswapException">None could: what is wrong with the last.</exception>
    public static async ValueTask<IReadOnlyList<BitswapException>> AwaitGatewayAsync(NodeHost host, IReadOnlyList<Uri> gateways, CancellationToken cancellationToken)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<PeerSnapshot>> dials = [.. gateways.Select(gateway => host.ConnectGatewayAsync(gateway, enough.Token).AsTask())];
        List<BitswapException> failures = [];
        while (dials.Count > 0)
        {
            Task<PeerSnapshot> ended = await Task.WhenAny(dials).ConfigureAwait(false);
            dials.Remove(ended);
            try
            {
                await ended.ConfigureAwait(false);
                break;
            }
            catch (BitswapException failure) when (dials.Count > 0)
            {
                failures.Add(failure);
            }
        }

        await enough.CancelAsync().ConfigureAwait(false);
        await ((Task)Task.WhenAll(dials)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return failures;
    }
}
