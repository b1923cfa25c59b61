using System.Diagnostics.CodeAnalysis;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// Represents an IPNS name or a domain, and the names of entries to follow from what it stands for: <c>/ipns/name/a/b</c>, <c>ipns://name/a/b</c>, or the address of a gateway
/// (<see cref="CidAddress"/>). What the name is, and what it stands for, is for others to find out.
/// </summary>
public sealed class NamePath
{
    private const string Prefix = "/ipns/";

    /// <summary>Makes a path.</summary>
    /// <param name="name">The name; not looked at.</param>
    /// <param name="names">The names of entries that follow.</param>
    public NamePath(string name, IReadOnlyList<string> names)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(names);
        Name = name;
        Names = names;
    }

    /// <summary>Gets the name as it was written.</summary>
    public string Name { get; }

    /// <summary>Gets the names of entries to follow; none for what the name itself stands for.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads a text that says by itself that it begins with a name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The path.</param>
    /// <returns>False where it does not say so: it may be a CID, a path from one, or a bare name.</returns>
    /// <exception cref="DagException"><c>InvalidPath</c>: the name is missing, or an entry's name is <c>.</c> or <c>..</c>, or is no text.</exception>
    public static bool TryParse(string text, [NotNullWhen(true)] out NamePath? path)
    {
        ArgumentNullException.ThrowIfNull(text);
        CidAddress address = CidAddress.Parse(text);
        if (!address.IsName)
        {
            path = null;
            return false;
        }

        if (address.Cid.IsEmpty)
        {
            throw ContentPath.Invalid(text, "the name is missing");
        }

        path = new NamePath(address.Cid.ToString(), ContentPath.NamesOf(address.Path.ToString(), address.IsUrl, text));
        return true;
    }

    /// <summary>Reads a text as <see cref="TryParse"/> does, and else as a bare name with what follows it, or as the address of a web site, whose host is the name.</summary>
    /// <param name="text">The text, which names no content by itself.</param>
    /// <exception cref="DagException"><c>InvalidPath</c>: the name is missing, or as <see cref="TryParse"/> throws it.</exception>
    public static NamePath Parse(string text)
    {
        if (TryParse(text, out NamePath? path))
        {
            return path;
        }

        CidAddress address = CidAddress.Parse(text);
        if (address.HasPrefix)
        {
            throw ContentPath.Invalid(text, "it begins with a CID, and not with a name");
        }

        string bare = address.Cid.ToString();
        if (Uri.TryCreate(bare, UriKind.Absolute, out Uri? site) && site.Scheme is "http" or "https")
        {
            return new NamePath(site.IdnHost, ContentPath.NamesOf(site.AbsolutePath, isUrl: true, text));
        }

        int slash = bare.IndexOf('/', StringComparison.Ordinal);
        string name = slash < 0 ? bare : bare[..slash];
        return name.Length == 0
            ? throw ContentPath.Invalid(text, "the name is missing")
            : new NamePath(name, slash < 0 ? [] : ContentPath.NamesOf(bare[slash..], isUrl: false, text));
    }

    /// <summary>Returns this path and one more name of an entry.</summary>
    public NamePath Append(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new NamePath(Name, [.. Names, name]);
    }

    /// <summary>Returns the path as <c>/ipns/name/a/b</c>.</summary>
    public override string ToString() => Names.Count == 0 ? Prefix + Name : $"{Prefix}{Name}/{string.Join('/', Names)}";
}
