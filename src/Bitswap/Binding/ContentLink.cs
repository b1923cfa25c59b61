using System.Text;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;

namespace Bitswap.Binding;

/// <summary>A link to content that names providers of it: <c>ipfs://cid/a?provider=multiaddr</c> (IPIP-504, a draft).</summary>
internal static class ContentLink
{
    private const string Provider = "provider=";

    /// <summary>Returns a link to a path.</summary>
    /// <param name="path">The path; its CID is written as version 1 in base32, since hosts of URLs have no upper case.</param>
    /// <param name="providers">The addresses of providers.</param>
    public static string Make(ContentPath path, IReadOnlyList<Multiaddr> providers)
    {
        StringBuilder link = new($"ipfs://{path.Root.ToV1()}");
        foreach (string name in path.Names)
        {
            link.Append('/').Append(Uri.EscapeDataString(name));
        }

        for (int i = 0; i < providers.Count; i++)
        {
            // a query may have slashes and colons, which an address is full of (RFC 3986 section 3.4)
            link.Append(i == 0 ? '?' : '&').Append(Provider).Append(Uri.EscapeDataString(providers[i].ToString()).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal));
        }

        return link.ToString();
    }

    /// <summary>Returns the providers that a text names, if it is a link; what is no address among them is left out, as the draft says.</summary>
    public static IReadOnlyList<Multiaddr> ProvidersIn(string text)
    {
        ReadOnlySpan<char> query = CidAddress.Parse(text).Query;
        if (query.IsEmpty)
        {
            return [];
        }

        List<Multiaddr> providers = [];
        foreach (Range part in query.Split('&'))
        {
            ReadOnlySpan<char> parameter = query[part];
            if (parameter.StartsWith(Provider, StringComparison.Ordinal) && Multiaddr.TryParse(Uri.UnescapeDataString(parameter[Provider.Length..].ToString()), out Multiaddr? address))
            {
                providers.Add(address);
            }
        }

        return providers;
    }
}
