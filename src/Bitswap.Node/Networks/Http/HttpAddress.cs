using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using Bitswap.Libp2p.Addresses;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Networks.Http;

/// <summary>
/// The address of a gateway. Its peer id is made of it, since HTTP proves none: the same address always means the same peer, and never another.
/// </summary>
internal sealed record HttpAddress
{
    // Behind it stands the path of a block.
    private const string BlockPath = "/ipfs";

    private HttpAddress(Uri url, string host)
    {
        Url = url;
        Host = host;
        PeerId = PeerId.FromBytes(Multihash.Compute(MultihashCode.Sha256, Encoding.UTF8.GetBytes($"gateway {url.AbsoluteUri} at {host}")).Bytes);
        Multiaddr = Format(url, host).WithPeerId(PeerId);
    }

    /// <summary>Gets the URL before <c>/ipfs/</c>, without a slash at its end unless that is its path. Its host is the one that a certificate must be for.</summary>
    public Uri Url { get; }

    /// <summary>Gets the IP address or name that is connected to: that of the URL, unless a multiaddr names another (<c>/sni/</c>).</summary>
    public string Host { get; }

    /// <summary>Gets the id that the gateway has as a peer.</summary>
    public PeerId PeerId { get; }

    /// <summary>Gets the address as a multiaddr, with <see cref="PeerId"/>.</summary>
    public Multiaddr Multiaddr { get; }

    /// <summary>Gets whether the requests can be read on their way.</summary>
    public bool IsPlain => Url.Scheme == Uri.UriSchemeHttp;

    /// <summary>Gets the port that is connected to.</summary>
    public int Port => Url.Port;

    /// <summary>Returns the address of a URL of http or https; what is behind its path is left out, and <c>/ipfs</c> at its end too.</summary>
    public static HttpAddress Of(Uri url)
    {
        string path = url.AbsolutePath.TrimEnd('/');
        path = path.EndsWith(BlockPath, StringComparison.Ordinal) ? path[..^BlockPath.Length] : path;
        return new HttpAddress(new UriBuilder(url.Scheme, url.IdnHost, url.Port, path).Uri, url.IdnHost);
    }

    /// <summary>
    /// Takes a multiaddr apart: <c>/host[/tcp/port]</c>, then <c>/https</c>, <c>/tls/http</c>, <c>/tls/sni/name/http</c> or <c>/http</c>, and perhaps
    /// <c>/http-path/...</c> and a peer id. False for every other one.
    /// </summary>
    public static bool TryParse(Multiaddr address, [NotNullWhen(true)] out HttpAddress? parsed)
    {
        parsed = null;
        ReadOnlySpan<MultiaddrComponent> rest = [.. address.Components];
        rest = rest[^1].Protocol == "p2p" ? rest[..^1] : rest;
        string path = "";
        if (rest is [.., { Protocol: "http-path", Value: { } encoded }])
        {
            path = Uri.UnescapeDataString(encoded);
            rest = rest[..^1];
        }

        if (rest is not [{ Protocol: "ip4" or "ip6" or "dns" or "dns4" or "dns6", Value: { } host }, .. { } over])
        {
            return false;
        }

        int? port = null;
        if (over is [{ Protocol: "tcp", Value: { } number }, .. { } behind])
        {
            port = int.Parse(number, CultureInfo.InvariantCulture);
            over = behind;
        }

        (string? Scheme, string Name) found = over switch
        {
            [{ Protocol: "https" }] or [{ Protocol: "tls" }, { Protocol: "http" or "https" }] => (Uri.UriSchemeHttps, host),
            [{ Protocol: "tls" }, { Protocol: "sni", Value: { } name }, { Protocol: "http" or "https" }] => (Uri.UriSchemeHttps, name),
            [{ Protocol: "http" }] => (Uri.UriSchemeHttp, host),
            _ => (null, host),
        };
        if (found.Scheme is null || port == 0 || Uri.CheckHostName(found.Name) == UriHostNameType.Unknown)
        {
            return false;
        }

        parsed = Make(found.Scheme, found.Name, port ?? (found.Scheme == Uri.UriSchemeHttps ? 443 : 80), path.Trim('/'), host);
        return parsed is not null;
    }

    /// <summary>Returns whether an address is one of HTTP, as <see cref="TryParse"/> reads it.</summary>
    public static bool IsHttp(Multiaddr address) => TryParse(address, out _);

    /// <summary>Returns whether an address is one of HTTP under the peer id that is made of it.</summary>
    public static bool IsOwn(Multiaddr address) => TryParse(address, out HttpAddress? parsed) && parsed.PeerId.Equals(address.PeerId);

    /// <summary>Returns whether a source of addresses may have this one asked: as <see cref="DialRule"/> says, and in plain text only what is near.</summary>
    /// <param name="terms">The terms of the source.</param>
    public bool IsAdmittedBy(DialTerms terms) =>
        (!IsPlain || AddressScopes.OfHost(Host) < AddressScope.World) && terms.Rule.Admits(Multiaddr, terms.Source);

    /// <summary>Returns where a block is asked for (trustless gateway specification, "GET /ipfs/{cid}").</summary>
    public Uri UrlOf(Cid cid) => new($"{Url.AbsoluteUri.TrimEnd('/')}{BlockPath}/{cid}?format=raw");

    /// <summary>Returns where the CAR of a graph is asked for (trustless gateway specification, "Request Query Parameters").</summary>
    public Uri UrlOf(GraphRange range)
    {
        string scope = range.Scope == GraphScope.All ? "all" : "entity";
        string last = range.Count is { } count && count <= long.MaxValue - range.From ? (range.From + count - 1).ToString(CultureInfo.InvariantCulture) : "*";
        string bytes = range.Scope == GraphScope.Entity && (range.From > 0 || last != "*") ? string.Create(CultureInfo.InvariantCulture, $"&entity-bytes={range.From}:{last}") : "";
        return new Uri($"{Url.AbsoluteUri.TrimEnd('/')}{BlockPath}/{range.Root}?format=car&dag-scope={scope}{bytes}&car-version=1&car-order=dfs&car-dups=n");
    }

    /// <inheritdoc/>
    public override string ToString() => Url.AbsoluteUri.TrimEnd('/');

    private static HttpAddress? Make(string scheme, string name, int port, string path, string host)
    {
        string escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        string literal = name.Contains(':', StringComparison.Ordinal) ? $"[{name}]" : name;
        return Uri.TryCreate(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{literal}:{port}/{escaped}"), UriKind.Absolute, out Uri? url) && GatewayUri.Problem(url) is null
            ? new HttpAddress(url, host == name ? url.IdnHost : host.ToLowerInvariant())
            : null;
    }

    private static Multiaddr Format(Uri url, string host)
    {
        string kind = !IPAddress.TryParse(host, out IPAddress? ip) ? "dns" : ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "ip6" : "ip4";
        bool isSame = host.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase);
        string transport = !isSame ? $"tls/sni/{url.IdnHost}/http" : url.Scheme;
        string path = Uri.UnescapeDataString(url.AbsolutePath.Trim('/'));
        string text = string.Create(CultureInfo.InvariantCulture, $"/{kind}/{ip?.ToString() ?? host}/tcp/{url.Port}/{transport}");
        return Multiaddr.Parse(path.Length == 0 ? text : $"{text}/http-path/{Uri.EscapeDataString(path)}");
    }
}
