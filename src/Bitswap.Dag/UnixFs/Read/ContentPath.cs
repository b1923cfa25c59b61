using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// Represents a CID and the names to follow from it, written <c>cid/a/b</c>, <c>/ipfs/cid/a/b</c>, <c>ipfs://cid/a/b</c>, or as the address of a gateway (<see cref="CidAddress"/>).
/// Slashes that follow one another are one, and one at the end says nothing. Percent signs are characters like others, but in a URL.
/// </summary>
public sealed class ContentPath
{
    private const string Prefix = "/ipfs/";
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ContentPath(Cid root, IReadOnlyList<string> names)
    {
        Root = root;
        Names = names;
    }

    /// <summary>Gets where it begins.</summary>
    public Cid Root { get; }

    /// <summary>Gets the names to follow; none for the CID itself.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Returns the path of a CID itself.</summary>
    /// <param name="root">The CID.</param>
    public static ContentPath Of(Cid root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return new ContentPath(root, []);
    }

    /// <summary>Reads a path.</summary>
    /// <param name="text">The path, as the class describes it.</param>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>: it does not begin with a CID; <c>UnsupportedName</c>: it begins with an IPNS name.</exception>
    /// <exception cref="DagException"><c>InvalidPath</c>: a name is <c>.</c> or <c>..</c>, or is no text.</exception>
    public static ContentPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        CidAddress address = CidAddress.Parse(text);
        if (address.IsName || (!address.HasPrefix && text.Contains('/', StringComparison.Ordinal) && Cid.TryParse(text, out _)))
        {
            // a name, which the error tells; or a CID in a base that has slashes
            return Of(Cid.Parse(text));
        }

        ReadOnlySpan<char> cid = address.Cid;
        string path = address.Path.ToString();
        int slash = address.HasPrefix ? -1 : cid.IndexOf('/');
        if (slash >= 0)
        {
            path = cid[(slash + 1)..].ToString();
            cid = cid[..slash];
        }

        // not the whole text: what is wrong with a CID is told of the CID
        Cid root = Cid.Parse(cid);
        return new ContentPath(root, NamesOf(path, address.IsUrl, text));
    }

    /// <summary>Returns the names in a path.</summary>
    /// <param name="path">The path behind what it begins at.</param>
    /// <param name="isUrl">Whether characters in it may be escaped.</param>
    /// <param name="text">All of the text, for errors.</param>
    /// <exception cref="DagException"><c>InvalidPath</c>.</exception>
    internal static IReadOnlyList<string> NamesOf(string path, bool isUrl, string text)
    {
        List<string> names = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = isUrl ? Unescape(part, text) : part;
            if (name is "." or "..")
            {
                throw Invalid(text, $"'{name}' names no entry of a directory");
            }

            if (name.Contains('/', StringComparison.Ordinal))
            {
                throw Invalid(text, "a name has a slash in it");
            }

            names.Add(name);
        }

        return names;
    }

    /// <summary>Returns this path and one more name.</summary>
    /// <param name="name">The name of an entry; not checked, since it comes of a directory.</param>
    public ContentPath Append(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ContentPath(Root, [.. Names, name]);
    }

    /// <summary>Returns the path as <c>/ipfs/cid/a/b</c>.</summary>
    public override string ToString() => Names.Count == 0 ? Prefix + Root : $"{Prefix}{Root}/{string.Join('/', Names)}";

    private static string Unescape(string part, string text)
    {
        if (!part.Contains('%', StringComparison.Ordinal))
        {
            return part;
        }

        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(part.Length)];
        int length = 0;
        for (int i = 0; i < part.Length; i++)
        {
            if (part[i] != '%')
            {
                int count = char.IsHighSurrogate(part[i]) && i + 1 < part.Length ? 2 : 1;
                length += Encoding.UTF8.GetBytes(part.AsSpan(i, count), bytes.AsSpan(length));
                i += count - 1;
            }
            else if (i + 2 < part.Length && char.IsAsciiHexDigit(part[i + 1]) && char.IsAsciiHexDigit(part[i + 2]))
            {
                bytes[length++] = Convert.FromHexString(part.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                throw Invalid(text, "a percent sign is not followed by two hexadecimal digits");
            }
        }

        try
        {
            return _strictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid(text, "a name is no UTF-8");
        }
    }

    /// <summary>Makes the error of a text that is no path.</summary>
    internal static DagException Invalid(string text, string why) =>
        new(ReadErrorIds.InvalidPath, $"Not a path: {why}: '{(text.Length <= 200 ? text : text[..200] + "...")}'.");
}
