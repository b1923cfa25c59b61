using Bitswap.Node.Networks;

namespace Bitswap.Node;

/// <summary>Puts a node on a network, for who does not know keys.</summary>
public static class NodeNetworkOptions
{
    /// <summary>The options of a node on a network in memory, in place of libp2p.</summary>
    /// <param name="options">The options to start from; they stay as they are.</param>
    /// <param name="network">The network.</param>
    public static NodeOptions OnMemoryNetwork(this NodeOptions options, MemoryNetwork network)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        return options with { ListenAddresses = [], NetworkFactory = network.CreatePeer };
    }
}
