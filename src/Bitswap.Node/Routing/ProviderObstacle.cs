using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing;

/// <summary>Why a provider cannot be asked by Bitswap over a transport that this node has.</summary>
/// <param name="Name">A word or two, by which such providers are counted: <c>QUIC</c>, <c>HTTP</c>, <c>without address</c>.</param>
/// <param name="Reason">The same as a sentence's end.</param>
internal sealed record ProviderObstacle(string Name, string Reason)
{
    private const int MaxShown = 64;

    // The names of the delegated routing API's registry of transfer protocols.
    private static readonly (string Protocol, string Name)[] _transfers =
    [
        ("transport-ipfs-gateway-http", "HTTP"),
        ("transport-graphsync-filecoinv1", "Graphsync"),
    ];

    /// <summary>Gets the obstacle of a peer whose address is not known.</summary>
    public static ProviderObstacle NoAddress { get; } = new("without address", "no address of it is known");

    /// <summary>Gets its addresses may not be dialled on the word of who named them.</summary>
    public static ProviderObstacle Refused { get; } = new(
        "address not allowed", "every address that it is named with is private or not allowed by the node's options; AllowPrivateAddresses and AllowPublicAddresses say which are dialled");

    /// <summary>Returns the obstacle in what a provider is said to speak; null where it may speak Bitswap.</summary>
    public static ProviderObstacle? OfProtocols(IReadOnlyList<string> protocols)
    {
        if (protocols.Count == 0 || protocols.Contains(FoundProvider.BitswapTransport, StringComparer.Ordinal))
        {
            return null;
        }

        string[] names = [.. protocols.Select(NameOf).Distinct(StringComparer.Ordinal)];
        return new ProviderObstacle(names[0], $"it gives blocks by {string.Join(", ", names)}, and is not said to speak Bitswap");
    }

    /// <summary>Returns the obstacle in a provider's addresses; null where one can be dialled.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="hasRefused">Whether others were left out, since they may not be dialled.</param>
    public static ProviderObstacle? OfAddresses(IEnumerable<Multiaddr> addresses, bool hasRefused)
    {
        if (addresses.Any(AddressTransports.IsDialable))
        {
            return null;
        }

        string[] transports = [.. addresses.Select(AddressTransports.NameOf).OfType<string>().Distinct(StringComparer.Ordinal)];

        return transports.Length == 0
            ? hasRefused ? Refused : NoAddress
            : new ProviderObstacle(transports[0], $"its addresses are for {string.Join(", ", transports)} alone, and this node dials {AddressTransports.Dialled}");
    }

    // What a stranger writes is shown only where it is a plain name.
    private static string NameOf(string protocol)
    {
        foreach ((string known, string name) in _transfers)
        {
            if (protocol == known)
            {
                return name;
            }
        }

        return protocol.Length is > 0 and <= MaxShown && protocol.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/') ? protocol : "another protocol";
    }
}
