using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Node.Networks;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Networks.Libp2p;
using Bitswap.Node.Networks.Memory;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node;

/// <summary>Gives options an identity or a network, for code that does not know keys.</summary>
public static class NodeOptionsExtensions
{
    /// <summary>Returns the options with a private key.</summary>
    /// <param name="options">The options to start from.</param>
    /// <param name="key">An Ed25519 private key in libp2p's own protobuf form.</param>
    /// <exception cref="FormatException">It is not such a key.</exception>
    public static NodeOptions WithPrivateKey(this NodeOptions options, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return options with { Identity = PrivateKey.Decode(key) };
        }
        catch (Libp2pException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    /// <summary>Returns the options with the key that a seed makes.</summary>
    /// <param name="options">The options to start from.</param>
    /// <param name="seed">32 bytes; who knows them has the key.</param>
    /// <exception cref="FormatException">Not 32 bytes.</exception>
    public static NodeOptions WithIdentitySeed(this NodeOptions options, ReadOnlySpan<byte> seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return options with { Identity = PrivateKey.FromSeed(seed) };
        }
        catch (Libp2pException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    /// <summary>Returns the options of a node in a private network.</summary>
    /// <param name="options">The options to start from.</param>
    /// <param name="file">What a file <c>swarm.key</c> holds, as Kubo has it.</param>
    /// <exception cref="FormatException">It is no such file.</exception>
    public static NodeOptions WithSwarmKey(this NodeOptions options, ReadOnlySpan<byte> file)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return options with { SwarmKey = SwarmKey.Parse(file) };
        }
        catch (Libp2pException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    /// <summary>Returns the options of a node on a network in memory, in place of libp2p.</summary>
    /// <param name="options">The options to start from; they stay as they are.</param>
    /// <param name="network">The network.</param>
    public static NodeOptions OnMemoryNetwork(this NodeOptions options, MemoryNetwork network)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        return options with { ListenAddresses = [], NetworkFactory = network.CreatePeer };
    }

    /// <summary>Makes the libp2p network of a node; its host starts with the node.</summary>
    /// <param name="options">The node's options.</param>
    /// <param name="storedIdentity">The identity of the node's repository; null makes a new one unless the options name one.</param>
    public static Libp2pNetwork CreateLibp2pNetwork(this NodeOptions options, PrivateKey? storedIdentity)
    {
        ArgumentNullException.ThrowIfNull(options);
        Libp2pOptions host = new()
        {
            Identity = options.Identity ?? storedIdentity ?? PrivateKey.Generate(),
            ListenAddresses = options.ListenAddresses,
            SwarmKey = options.SwarmKey,
            DialRule = options.Routing.Rule,
            AgentVersion = $"bitswap-powershell/{typeof(NodeHost).Assembly.GetName().Version?.ToString(3)}",
            Clock = options.Clock,
            LoggerFactory = options.LoggerFactory,
        };
        return new Libp2pNetwork(options.ConfigureHost?.Invoke(host) ?? host) { UsesLimitedConnections = options.BitswapOverRelays };
    }

    /// <summary>Joins a network with gateways, where the options say that any are asked; else it is returned as it is.</summary>
    internal static IPeerNetwork JoinGateways(this NodeOptions options, IPeerNetwork network) => !options.Http.IsOn
        ? network
        : new JoinedNetwork(
            network, new HttpNetwork(options.Http, options.Routing.Rule, options.Clock, options.LoggerFactory.CreateLogger<HttpNetwork>(), options.GatewayHooks));
}
