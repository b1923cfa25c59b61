using System.Management.Automation;
using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes the names of the nodes that run.</summary>
public sealed class NodeCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        NodeRegistry.Running.Select(running => (running.Name, running.PeerId));
}

/// <summary>Completes the ids of connected peers.</summary>
public sealed class PeerCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        nodes.SelectMany(node => node.Peers.Select(peer => (peer, $"connected to {node.Name}")));
}

/// <summary>Completes the addresses of the other nodes of this process, and of the peers that nodes are connected to.</summary>
public sealed class AddressCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed)
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        return running.Where(other => nodes.Count != 1 || running.Count == 1 || other != nodes[0])
            .SelectMany(other => other.Addresses.Select(address => (address, other.Name)))
            .Concat(running.SelectMany(Dialled));
    }

    // an inbound connection has the port that the peer dialled from, where nothing listens
    private static IEnumerable<(string Text, string About)> Dialled(BitswapNode node) =>
        from peer in node.Host.Connections
        where !peer.IsInbound
        select (peer.Address.PeerId is null ? $"{peer.Address}/p2p/{peer.Peer}" : peer.Address.ToString(), $"a peer of {node.Name}");
}

/// <summary>Completes addresses to listen on: this machine alone first.</summary>
public sealed class ListenAddressCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
    [
        ("/ip4/127.0.0.1/tcp/0", "this machine alone, any free port"),
        ("/ip6/::1/tcp/0", "this machine alone by IPv6, any free port"),
        ("/ip4/0.0.0.0/tcp/4001", "every interface, the port that peers expect"),
        ("/ip6/::/tcp/4001", "every interface by IPv6, the port that peers expect"),
        ("/ip4/0.0.0.0/tcp/4002/ws", "every interface, WebSockets, which browsers can open"),
    ];
}

/// <summary>Completes the addresses of routers: those that nodes of this process ask, and a public one.</summary>
public sealed class RouterCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        NodeRegistry.Running.SelectMany(node => node.Host.Routers.Select(router => (router.AbsoluteUri, $"asked by {node.Name}")))
            .Append(("https://delegated-ipfs.dev", "a public router; it learns what is looked for"));
}

/// <summary>Completes the block stores that go by a name, and folders.</summary>
public sealed class StoreCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => [("Memory", "gone with the node")];

    private protected override IEnumerable<CompletionResult> Files(string typed) =>
        typed.Contains('\0', StringComparison.Ordinal) ? [] : CompletionCompleters.CompleteFilename(typed).Where(found => found.ResultType == CompletionResultType.ProviderContainer);
}
