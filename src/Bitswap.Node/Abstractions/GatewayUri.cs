namespace Bitswap.Node.Abstractions;

/// <summary>The address of a gateway: what may be one.</summary>
internal static class GatewayUri
{
    /// <summary>Returns why an address cannot be a gateway's; null when it can.</summary>
    public static string? Problem(Uri? gateway) => gateway switch
    {
        null => "A gateway needs an address.",
        { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") } => $"'{gateway}' is not an address of a gateway: it must begin with https:// or http://.",
        { UserInfo.Length: > 0 } => "The address of a gateway must not hold a name or password.",
        { Query.Length: > 0 } or { Fragment.Length: > 0 } => $"'{gateway.GetLeftPart(UriPartial.Path)}' is the address of a gateway only without what follows it, a query or fragment.",
        { AbsoluteUri.Length: > MaxLength } => $"The address of a gateway has at most {MaxLength} characters.",
        _ when Uri.UnescapeDataString(gateway.AbsolutePath).Any(letter => letter == '%' || char.IsControl(letter)) => "The path of a gateway must not hold a percent sign or a control character.",
        _ => null,
    };

    /// <summary>Returns the address, when it can be a gateway's.</summary>
    /// <exception cref="BitswapException">InvalidGateway.</exception>
    public static Uri Check(Uri gateway) =>
        Problem(gateway) is { } problem ? throw new BitswapException(NodeErrorIds.InvalidGateway, problem, "Give its address, the part before /ipfs/, such as https://gateway.example.", gateway) : gateway;

    // The host, the path and a peer id fit into a multiaddr.
    private const int MaxLength = 512;
}
