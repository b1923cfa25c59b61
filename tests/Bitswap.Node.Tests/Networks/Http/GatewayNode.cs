using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>A node that was told of a trustless gateway of the tests, and what is asked of it.</summary>
public abstract class GatewayNode
{
    private protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    private protected Block Sample { get; } = Samples.Block(1);

    private protected static async Task<NodeHost> StartAsync(
        TestGateway gateway, Func<HttpRetrievalOptions, HttpRetrievalOptions>? http = null, Func<NodeOptions, NodeOptions>? configure = null)
    {
        HttpRetrievalOptions given = new() { Gateways = [gateway.Uri] };
        NodeOptions options = new() { Http = http?.Invoke(given) ?? given, GatewayHooks = gateway.Hooks };
        NodeHost node = await NodeHost.StartAsync(configure?.Invoke(options) ?? options);
        await Poll.UntilAsync(async () => (await node.GetPeersAsync()).Any(peer => peer.Version is not null), "the gateway is a peer");
        return node;
    }

    private protected static Task<Block> FetchAsync(NodeHost node, Cid cid) => node.GetBlockAsync(cid, new WantOptions()).AsTask().WaitAsync(Patience);

    private protected async Task<BlockUnavailableException> MissAsync(NodeHost node, Cid? cid = null, TimeSpan? timeout = null) =>
        await Assert.ThrowsAsync<BlockUnavailableException>(
            () => node.GetBlockAsync(cid ?? Sample.Cid, new WantOptions { FailFast = true, Timeout = timeout ?? Patience }).AsTask().WaitAsync(Patience));
}
