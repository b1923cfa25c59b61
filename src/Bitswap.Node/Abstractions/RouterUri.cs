namespace Bitswap.Node.Abstractions;

/// <summary>The address of a router: what may be one, and where on it providers are asked for.</summary>
internal static class RouterUri
{
    private const string Version = "/routing/v1";
    private const string Providers = Version + "/providers";
    private const string Peers = Version + "/peers";
    private const string Records = Version + "/ipns";

    /// <summary>Returns why an address cannot be a router's; null when it can.</summary>
    public static string? Problem(Uri? router) => router switch
    {
        null => "A router needs an address.",
        { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") } => $"'{router}' is not an address of a router: it must begin with https:// or http://.",
        { UserInfo.Length: > 0 } => "The address of a router must not hold a name or password.",
        { Query.Length: > 0 } or { Fragment.Length: > 0 } => $"'{router.GetLeftPart(UriPartial.Path)}' is the address of a router only without what follows it, a query or fragment.",
        _ => null,
    };

    /// <summary>Returns the address, when it can be a router's.</summary>
    /// <exception cref="BitswapException">InvalidRouter.</exception>
    public static Uri Check(Uri router) => Problem(router) is { } problem ? throw RoutingErrors.InvalidRouter(router, problem) : router;

    /// <summary>Returns the router as messages name it.</summary>
    public static string NameOf(Uri router) => Root(router);

    /// <summary>Returns where the providers of a block are asked for (Delegated Routing V1 HTTP API: CIDs are sent as version 1).</summary>
    public static Uri ProvidersOf(Uri router, Cid cid) => new($"{Root(router)}{Providers}/{cid.ToV1()}");

    /// <summary>Returns where the addresses of a peer are asked for (Delegated Routing V1 HTTP API: peer ids are sent as CIDs of the codec libp2p-key).</summary>
    public static Uri PeerOf(Uri router, PeerId peer) => new($"{Root(router)}{Peers}/{peer.ToCid()}");

    /// <summary>Returns where the record of a name is asked for, and put (Delegated Routing V1 HTTP API: names are sent as CIDs of version 1).</summary>
    public static Uri RecordOf(Uri router, PeerId name) => new($"{Root(router)}{Records}/{IpnsName.TextOf(name)}");

    /// <summary>Returns the address without the parts that the API adds, for those who name them, too.</summary>
    private static string Root(Uri router)
    {
        string text = router.GetLeftPart(UriPartial.Path).TrimEnd('/');
        foreach (string known in (ReadOnlySpan<string>)[Providers, Peers, Records, Version])
        {
            if (text.EndsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                return text[..^known.Length];
            }
        }

        return text;
    }
}
