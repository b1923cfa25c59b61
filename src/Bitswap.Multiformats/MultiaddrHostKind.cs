namespace Bitswap;

/// <summary>What the host of a multiaddr is.</summary>
public enum MultiaddrHostKind
{
    /// <summary>An IPv4 address.</summary>
    Ip4,

    /// <summary>An IPv6 address, perhaps with a zone behind a percent sign.</summary>
    Ip6,

    /// <summary>A name to resolve to addresses of either family.</summary>
    Dns,

    /// <summary>A name to resolve to IPv4 addresses.</summary>
    Dns4,

    /// <summary>A name to resolve to IPv6 addresses.</summary>
    Dns6,

    /// <summary>A name whose <c>_dnsaddr.</c> TXT records hold multiaddrs.</summary>
    DnsAddr,
}
