using System.Net;

namespace Bitswap.Libp2p.Addresses;

/// <summary>
/// Which of the addresses that strangers give may be dialled: those of routers, of the DHT, of peers of themselves, and where a router leads. A source may give
/// addresses that reach at least as far as its own, so that none on the internet makes this host dial into its own machine or network.
/// </summary>
public sealed record DialRule
{
    /// <summary>The rule by default.</summary>
    public static DialRule Default { get; } = new();

    /// <summary>Whether a source may give addresses of local networks and of this machine wherever it is itself: for a private network. False by default.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Whether addresses of the internet are dialled on the word of a source. True by default; false keeps a private network private.</summary>
    public bool AllowPublic { get; init; } = true;

    /// <summary>Whether a source may give an address. What a name stands for is not known yet, and is looked at again when it is.</summary>
    /// <param name="address">The address.</param>
    /// <param name="source">How far the source's own address reaches.</param>
    public bool Admits(Multiaddr address, AddressReach source)
    {
        AddressReach reach = AddressReaches.Of(address);
        return Admits(reach, source) || (reach == AddressReach.World && IsName(address));
    }

    /// <summary>Whether a source may give an address that reaches so far.</summary>
    public bool Admits(AddressReach reach, AddressReach source) => reach switch
    {
        AddressReach.Nowhere => false,
        AddressReach.World => AllowPublic,
        _ => AllowPrivate || reach >= source,
    };

    /// <summary>Whether what a name stands for may be dialled. A name of special use, which a near source alone may give, may stand for what is as near.</summary>
    /// <param name="host">The name.</param>
    /// <param name="found">What it stands for.</param>
    /// <param name="source">How far the source's own address reaches.</param>
    public bool Admits(string host, IPAddress found, AddressReach source)
    {
        AddressReach ofName = AddressReaches.OfHost(host);
        return Admits(AddressReaches.Of(found), ofName < source ? ofName : source);
    }

    private static bool IsName(Multiaddr address) => address.Components[0].Protocol is "dns" or "dns4" or "dns6" or "dnsaddr";
}

/// <summary>On what terms a peer is dialled at addresses that a stranger gave.</summary>
/// <param name="Source">How far the address of the source reaches; of several sources that of the farthest.</param>
/// <param name="Rule">Which addresses such a source may give. Its literal addresses are checked when they are taken in, and what its names stand for when they are dialled.</param>
/// <param name="MaxAttempts">How many addresses are tried, names counted as what they stand for; 1 or more.</param>
public sealed record DialTerms(AddressReach Source, DialRule Rule, int MaxAttempts)
{
    /// <summary>How many addresses of one peer are tried by default.</summary>
    public const int DefaultAttempts = 8;

    /// <summary>Whether what a name stands for may be dialled.</summary>
    public bool Admits(string host, IPAddress found) => Rule.Admits(host, found, Source);
}
