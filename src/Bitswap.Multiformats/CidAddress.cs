namespace Bitswap.Multiformats;

/// <summary>
/// Represents a text that names content, taken apart into a CID and a path: the CID by itself, <c>/ipfs/cid/a</c>, <c>ipfs://cid/a</c>, <c>ipfs:cid</c>, or the address of a
/// gateway, <c>https://host/ipfs/cid/a</c> or <c>https://cid.ipfs.host/a</c>, of which the host is not asked. White space around it is left out, as is one pair
/// of the marks that texts set an address off by (RFC 3986, appendix C): angle brackets or quotation marks; of a link as Markdown has it, <c>[words](address)</c>, the address is taken. What has <c>ipns</c> in the place of <c>ipfs</c> is told apart:
/// it names no CID by itself.
/// </summary>
public readonly ref struct CidAddress
{
    private const string Content = "ipfs";
    private const string Name = "ipns";
    private const string Slashes = "//";

    private CidAddress(ReadOnlySpan<char> text, Range cid, Range path)
    {
        Cid = text[cid];
        Path = text[path];
        CidStart = cid.Start.Value;
        PathStart = path.Start.Value;
    }

    /// <summary>Gets the text of the CID, which is not looked at; all of the text when that names no content otherwise.</summary>
    public ReadOnlySpan<char> Cid { get; }

    /// <summary>Gets where in the text the CID begins.</summary>
    public int CidStart { get; }

    /// <summary>Gets what follows the CID, without the slash between them; without the query and the fragment of a URL.</summary>
    public ReadOnlySpan<char> Path { get; }

    /// <summary>Gets where in the text the path begins.</summary>
    public int PathStart { get; }

    /// <summary>Gets the query of a URL, without its question mark; empty where there is none.</summary>
    public ReadOnlySpan<char> Query { get; private init; }

    /// <summary>Gets whether it is a URL, in whose path characters may be escaped by percent signs.</summary>
    public bool IsUrl { get; private init; }

    /// <summary>Gets whether there is more than a CID by itself.</summary>
    public bool HasPrefix { get; private init; }

    /// <summary>Gets whether it is an IPNS name, or a domain in the place of one: <see cref="Cid"/> is the name then.</summary>
    public bool IsName { get; private init; }

    /// <summary>Takes a text apart. Of a CID by itself, slashes are its own: some bases have them.</summary>
    public static CidAddress Parse(ReadOnlySpan<char> text)
    {
        (int start, int end) = Trim(text);
        return TryParse(text, start, end, Content, out CidAddress content) ? content
            : TryParse(text, start, end, Name, out CidAddress name) ? name with { IsName = true }
            : new CidAddress(text, start..end, end..end);
    }

    private static bool TryParse(ReadOnlySpan<char> text, int start, int end, string space, out CidAddress address)
    {
        ReadOnlySpan<char> core = text[start..end];
        address = default;
        if (IsPathOf(space, core))
        {
            address = Split(text, start + space.Length + 2, end, isUrl: false);
            return true;
        }

        if (core.Length > space.Length && core[space.Length] == ':' && core.StartsWith(space, StringComparison.OrdinalIgnoreCase))
        {
            int after = start + space.Length + 1;
            int stop = EndOfPath(text, after, end);
            address = Split(text, after + (text[after..end].StartsWith(Slashes, StringComparison.Ordinal) ? Slashes.Length : 0), stop, isUrl: true) with { Query = QueryOf(text[stop..end]) };
            return true;
        }

        if (!core.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !core.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        int host = start + core.IndexOf(Slashes, StringComparison.Ordinal) + Slashes.Length;
        int last = EndOfPath(text, host, end);
        int path = host + Until(text[host..last], '/');
        int label = text[host..path].IndexOf($".{space}.", StringComparison.OrdinalIgnoreCase);
        if (label > 0)
        {
            address = new CidAddress(text, host..(host + label), Math.Min(path + 1, last)..last) { IsUrl = true, HasPrefix = true, Query = QueryOf(text[last..end]) };
            return true;
        }

        if (IsPathOf(space, text[path..last]))
        {
            address = Split(text, path + space.Length + 2, last, isUrl: true) with { Query = QueryOf(text[last..end]) };
            return true;
        }

        return false;
    }

    private static bool IsPathOf(string space, ReadOnlySpan<char> text) =>
        text.Length > space.Length + 1 && text[0] == '/' && text[space.Length + 1] == '/' && text[1..].StartsWith(space, StringComparison.Ordinal);

    private static CidAddress Split(ReadOnlySpan<char> text, int start, int end, bool isUrl)
    {
        int slash = start + Until(text[start..end], '/');
        return new CidAddress(text, start..slash, Math.Min(slash + 1, end)..end) { IsUrl = isUrl, HasPrefix = true };
    }

    private static int EndOfPath(ReadOnlySpan<char> text, int start, int end)
    {
        int length = text[start..end].IndexOfAny('?', '#');
        return length < 0 ? end : start + length;
    }

    // what follows the path of a URL: a query, a fragment, both in this order, or nothing
    private static ReadOnlySpan<char> QueryOf(ReadOnlySpan<char> rest) => rest.StartsWith('?') ? rest[1..Until(rest, '#')] : [];

    private static int Until(ReadOnlySpan<char> text, char mark)
    {
        int length = text.IndexOf(mark);
        return length < 0 ? text.Length : length;
    }

    // a CID in the base "identity" is made of any characters after a NUL
    private static (int Start, int End) Trim(ReadOnlySpan<char> text)
    {
        if (text.StartsWith('\0'))
        {
            return (0, text.Length);
        }

        (int start, int end) = WithoutBlanks(text, 0, text.Length);
        (start, end) = TargetOfLink(text, start, end);
        return end - start >= 2 && (text[start], text[end - 1]) is ('<', '>') or ('"', '"') or ('\'', '\'') ? WithoutBlanks(text, start + 1, end - 1) : (start, end);
    }

    // of [words](address "title") and ![words](address), which a title may follow after a blank; an address in angle brackets may have blanks
    private static (int Start, int End) TargetOfLink(ReadOnlySpan<char> text, int start, int end)
    {
        ReadOnlySpan<char> core = text[start..end];
        int target = core.LastIndexOf("](");
        if (target < 0 || core[^1] != ')' || !(core[0] == '[' || core.StartsWith("![")))
        {
            return (start, end);
        }

        (int first, int last) = WithoutBlanks(text, start + target + 2, end - 1);
        int length = text[first..last].IndexOfAny(" \t\r\n");
        return (first, length < 0 || text[first] == '<' ? last : first + length);
    }

    private static (int Start, int End) WithoutBlanks(ReadOnlySpan<char> text, int start, int end)
    {
        int first = end - text[start..end].TrimStart().Length;
        return (first, Math.Max(first, start + text[start..end].TrimEnd().Length));
    }
}
