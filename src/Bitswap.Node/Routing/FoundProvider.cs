using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing;

/// <summary>A peer of which a source says that it has a block.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Addresses">Where it can be dialled, each ending with its id; empty when the source does not say.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Protocols">How it gives the block, as <c>transport-bitswap</c>; empty when the source does not say.</param>
/// <param name="Latency">How long it took to answer, where it was asked itself.</param>
internal sealed record FoundProvider(
    PeerId Peer, IReadOnlyList<Multiaddr> Addresses, ProviderSourceKind Source, IReadOnlyList<string> Protocols, TimeSpan? Latency = null)
{
    /// <summary>The name of Bitswap among the transports of the delegated routing API.</summary>
    public const string BitswapTransport = "transport-bitswap";

    /// <summary>How far the address of the source reaches, which decides what its names may stand for.</summary>
    public AddressReach Reach { get; init; } = AddressReach.World;

    /// <summary>Whether addresses were left out, since such a source may not have them dialled.</summary>
    public bool HasRefused { get; init; }

    /// <summary>Whether it may be asked by Bitswap: it is said to speak it, or nothing is said.</summary>
    public bool MaySpeakBitswap => Protocols.Count == 0 || Protocols.Contains(BitswapTransport, StringComparer.Ordinal);
}
