using System.Globalization;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Abstractions;

/// <summary>A source that may know which peers have a block. Thread-safe: several searches may go on at once.</summary>
internal interface IProviderSource
{
    /// <summary>Gets the kind of source.</summary>
    ProviderSourceKind Kind { get; }

    /// <summary>Gets its name in messages.</summary>
    string Name { get; }

    /// <summary>Looks for providers, and gives each when it is known: what comes of it is read no quicker than it is taken.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="tally">Where to count.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException">The source cannot be asked. What was given before stands.</exception>
    IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, CancellationToken cancellationToken);

    /// <summary>Looks for the addresses of a peer.</summary>
    /// <returns>The peer with its addresses; null where the source knows none, or is none that knows peers.</returns>
    /// <exception cref="BitswapException">The source cannot be asked.</exception>
    ValueTask<FoundProvider?> FindPeerAsync(PeerId peer, CancellationToken cancellationToken) => ValueTask.FromResult<FoundProvider?>(null);
}

/// <summary>Where providers are looked for.</summary>
public enum ProviderSourceKind
{
    /// <summary>The connected peers, who are asked whether they have it.</summary>
    Peers,

    /// <summary>Servers that are asked over HTTP (IPIP-337, the delegated routing of IPFS).</summary>
    Delegated,

    /// <summary>The distributed hash table of IPFS (Kademlia), whose peers ask each other.</summary>
    Dht,
}

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

    /// <summary>The name of trustless gateways among the transports of the delegated routing API.</summary>
    public const string GatewayTransport = "transport-ipfs-gateway-http";

    /// <summary>Gets how far the address of the source reaches, which decides what its names may stand for.</summary>
    public AddressScope Reach { get; init; } = AddressScope.World;

    /// <summary>Gets whether addresses were left out, since such a source may not have them dialled.</summary>
    public bool HasRefused { get; init; }

    /// <summary>Gets whether it is a gateway, which is asked over HTTP, under the peer id that is made of its address.</summary>
    public bool IsGateway { get; init; }
}

/// <summary>Counts what one source gave in one search, and what of it was left out. Written by the source alone.</summary>
internal sealed class ProviderTally
{
    /// <summary>Records that were read, or peers that were asked.</summary>
    public int Records { get; set; }

    /// <summary>Providers that came of them.</summary>
    public int Providers { get; set; }

    /// <summary>Records that cannot be read, and lines over the limit.</summary>
    public int Malformed { get; set; }

    /// <summary>Records of a kind that is not known here.</summary>
    public int Unknown { get; set; }

    /// <summary>Addresses that cannot be read, are another peer's, or are over the limit.</summary>
    public int Addresses { get; set; }

    /// <summary>Addresses that the source may not give by the rule of reach.</summary>
    public int Refused { get; set; }

    /// <summary>Gets whether there was more than the limit of records.</summary>
    public bool IsCut { get; set; }

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> left = [];
        Add(Malformed, "malformed");
        Add(Unknown, "of a kind not known");
        Add(Addresses, "addresses left out");
        Add(Refused, "addresses not allowed");
        string more = IsCut ? "; there were more" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Providers} providers of {Records} asked or read{(left.Count > 0 ? $" ({string.Join(", ", left)})" : "")}{more}");

        void Add(int count, string what)
        {
            if (count > 0)
            {
                left.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {what}"));
            }
        }
    }
}
