using System.Globalization;
using System.Text.RegularExpressions;

namespace Bitswap.Node.Names;

/// <summary>The rules of DNSLink (dnslink.dev), without input or output: which texts are domains, and what the TXT records of one say.</summary>
internal static partial class DnsLink
{
    private const string Prefix = "dnslink=";
    private const int MaxDomainLength = 253 - 9;
    private static readonly IdnMapping _idn = new() { UseStd3AsciiRules = false };

    /// <summary>
    /// Returns a domain in lower case, in the form that DNS has. One that stands in a single label, as gateways have it in front of their host
    /// (<c>en-wikipedia--on--ipfs-org</c>), is taken apart: <c>--</c> is a hyphen, <c>-</c> a dot (specs.ipfs.tech/http-gateways/subdomain-gateway).
    /// </summary>
    /// <returns>Null where it is no domain.</returns>
    public static string? DomainOf(string name)
    {
        string domain = name.EndsWith('.') ? name[..^1] : name;
        if (!domain.Contains('.', StringComparison.Ordinal))
        {
            domain = string.Join('-', domain.Split("--").Select(part => part.Replace('-', '.')));
        }

        try
        {
            domain = _idn.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }

        return domain.Length <= MaxDomainLength && Domain().IsMatch(domain) ? domain : null;
    }

    /// <summary>Returns the name whose TXT records are asked for.</summary>
    public static string QuestionOf(string domain) => $"_dnslink.{domain}";

    /// <summary>Returns what the TXT records link to: paths that begin with <c>/ipfs/</c> or <c>/ipns/</c>, each once. A CID alone, as old records have it, is one.</summary>
    public static IReadOnlyList<string> ValuesOf(IEnumerable<string> texts) =>
    [
        .. from text in texts
           where text.StartsWith(Prefix, StringComparison.Ordinal)
           let value = text[Prefix.Length..].Trim()
           let path = value.StartsWith('/') || !Cid.TryParse(value, out Cid? cid) ? value : $"/ipfs/{cid}"
           where path.StartsWith("/ipfs/", StringComparison.Ordinal) || path.StartsWith("/ipns/", StringComparison.Ordinal)
           group path by path into one
           select one.Key,
    ];

    [GeneratedRegex(@"\A(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Domain();
}
