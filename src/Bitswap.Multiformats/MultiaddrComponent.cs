namespace Bitswap;

/// <summary>Represents one part of a multiaddr.</summary>
/// <param name="Protocol">The protocol's name, such as <c>tcp</c>.</param>
/// <param name="Value">Its value in canonical text, such as <c>4001</c>; null for a protocol that has none.</param>
public sealed record MultiaddrComponent(string Protocol, string? Value)
{
    /// <summary>Returns the part as it stands in a multiaddr: <c>/tcp/4001</c>, <c>/ws</c>.</summary>
    // A path's value begins with the slash that divides it from the name.
    public override string ToString() =>
        Value is null ? $"/{Protocol}" : Value.StartsWith('/') ? $"/{Protocol}{Value}" : $"/{Protocol}/{Value}";
}

/// <summary>Specifies what the host of a multiaddr is.</summary>
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
