using Bitswap.Nodes;

namespace Bitswap.Completion;

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
