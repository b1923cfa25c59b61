using System.Net;

namespace Bitswap.Libp2p.Addresses;

/// <summary>
/// Specifies which of the addresses that others give may be dialled: those of routers, of the DHT, of peers about themselves, and where a router leads. A source may give
/// addresses that reach at least as far as its own, so that none on the internet makes this host dial into its own machine or network.
/// </summary>
public sealed record DialRule
{
    /// <summary>Gets the rule by default.</summary>
    public static DialRule Default { get; } = new();

    /// <summary>Gets whether a source may give addresses of local networks and of this machine wherever it is itself: for a private network. False by default.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Gets whether addresses of the internet are dialled on the word of a source. True by default; false keeps a private network private.</summary>
    public bool AllowPublic { get; init; } = true;

    /// <summary>Returns whether a source may give an address. What a name stands for is not known yet, and is looked at again when it is.</summary>
    /// <param name="address">The address.</param>
    /// <param name="source">How far the source's own address reaches.</param>
    public bool Admits(Multiaddr address, AddressScope source)
    {
        AddressScope reach = AddressScopes.Of(address);
        return Admits(reach, source) || (reach == AddressScope.World && IsName(address));
    }

    /// <summary>Returns whether a source may give an address that reaches so far.</summary>
    public bool Admits(AddressScope reach, AddressScope source) => reach switch
    {
        AddressScope.Nowhere => false,
        AddressScope.World => AllowPublic,
        _ => AllowPrivate || reach >= source,
    };

    /// <summary>Returns whether what a name stands for may be dialled. A name of special use, which a near source alone may give, may stand for what is as near.</summary>
    /// <param name="host">The name.</param>
    /// <param name="found">What it stands for.</param>
    /// <param name="source">How far the source's own address reaches.</param>
    public bool Admits(string host, IPAddress found, AddressScope source)
    {
        AddressScope ofName = AddressScopes.OfHost(host);
        return Admits(AddressScopes.Of(found), ofName < source ? ofName : source);
    }

    private static bool IsName(Multiaddr address) => address.Components[0].Protocol is "dns" or "dns4" or "dns6" or "dnsaddr";
}

/// <summary>Represents the terms on which a peer is dialled at addresses that the caller does not answer for.</summary>
/// <param name="Source">How far the address of the source reaches; of several sources that of the farthest.</param>
/// <param name="Rule">Which addresses such a source may give. Its literal addresses are checked when they are taken in, and what its names stand for when they are dialled.</param>
/// <param name="MaxAttempts">How many addresses are tried, names counted as what they stand for; 1 or more.</param>
public sealed record DialTerms(AddressScope Source, DialRule Rule, int MaxAttempts)
{
    /// <summary>How many addresses of one peer are tried by default.</summary>
    public const int DefaultAttempts = 8;

    /// <summary>Returns whether what a name stands for may be dialled.</summary>
    public bool Admits(string host, IPAddress found) => Rule.Admits(host, found, Source);
}
