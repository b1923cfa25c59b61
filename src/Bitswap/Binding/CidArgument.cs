using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Binding;

/// <summary>
/// A CID, or a path from one, as every cmdlet takes it: a text in any multibase, <c>cid/a/b</c>, <c>/ipfs/cid/a/b</c>, <c>ipfs://cid/a/b</c> or the address of a gateway,
/// a <see cref="Bitswap.Cid"/>, or an object with a property <c>Cid</c> such as a block, a want or a row of a CSV file, also when it has been through a serializer.
/// </summary>
public sealed class CidArgument
{
    private readonly object? _value;
    private readonly string? _text;
    private readonly Cid? _cid;

    /// <summary>Takes a value; whether it is a CID is asked when it is used, so that one bad item does not spoil the others.</summary>
    /// <param name="value">What the user gave.</param>
    public CidArgument(object value)
    {
        _value = Unwrap.Base(value);
        object? source = _value is Cid or string ? _value : PathIn(value) ?? Unwrap.Property(value, "Cid") ?? value;
        _cid = source as Cid;
        _text = _cid is null && Unwrap.TryText(source, out string? text) ? text : null;
    }

    /// <summary>The name that the object has beside its CID, such as that of a file; null when it has none.</summary>
    internal string? Name => _value is not (null or Cid or string) && Unwrap.Property(_value, "Name") is string { Length: > 0 } name ? name : null;

    /// <summary>Whether it is a text without a character to see, such as an empty line of a file.</summary>
    internal bool IsBlank => _text is not null && string.IsNullOrWhiteSpace(_text);

    /// <summary>The addresses of providers that it names, where it is a link that does.</summary>
    internal IReadOnlyList<Multiaddr> Providers => _text is null ? [] : ContentLink.ProvidersIn(_text);

    /// <summary>The path: a CID and the names that follow it.</summary>
    /// <exception cref="FaultException">InvalidCid, InvalidPath, or UnsupportedName.</exception>
    internal ContentPath ResolvePath()
    {
        ContentPath path = ReadPath();

        // k51... is a CID to a parser: its hash is that of a key, and no content has it
        return path.Root.Codec == Multicodec.Libp2pKey ? throw new FaultException(Faults.NameOfKey(_value, path)) : path;
    }

    /// <summary>The name, where it is one: an IPNS name or a domain, and the names of entries that follow it.</summary>
    /// <returns>Null where it is a CID, a path from one, or nothing that can be read; then <see cref="ResolvePath"/> tells.</returns>
    /// <exception cref="FaultException">InvalidPath.</exception>
    internal NamePath? ReadName()
    {
        if (_cid is not null)
        {
            return _cid.Codec == Multicodec.Libp2pKey ? new NamePath(_cid.ToString(), []) : null;
        }

        try
        {
            if (_text is null)
            {
                return null;
            }

            if (NamePath.TryParse(_text, out NamePath? name))
            {
                return name;
            }
        }
        catch (DagException exception) when (FaultMap.TryMap(exception, _value, out Fault? fault))
        {
            throw new FaultException(fault);
        }

        // k51... is a CID to a parser: its hash is that of a key, and no content has it
        ContentPath path = ReadPath();
        return path.Root.Codec == Multicodec.Libp2pKey ? new NamePath(path.Root.ToString(), path.Names) : null;
    }

    /// <summary>The CID as it is, whatever it may be of: to look at it alone.</summary>
    /// <exception cref="FaultException">As <see cref="Resolve"/>.</exception>
    internal Cid TakeApart() => WithoutNames(ReadPath());

    private ContentPath ReadPath()
    {
        if (_cid is not null)
        {
            return ContentPath.Of(_cid);
        }

        if (_value is Several several)
        {
            throw new FaultException(Faults.InvalidCid(_value, $"This parameter takes one CID, and {several.Count} are given."));
        }

        try
        {
            return ContentPath.Parse(_text ?? throw new FaultException(Faults.InvalidCid(_value, $"An object of type {Unwrap.TypeName(_value)} has no CID.")));
        }
        catch (FormatException exception) when (exception is MultiformatException or DagException && FaultMap.TryMap(exception, _value, out Fault? fault))
        {
            throw new FaultException(fault);
        }
    }

    /// <summary>The CID, where a path would have no node to follow it with.</summary>
    /// <exception cref="FaultException">As <see cref="ResolvePath"/>; InvalidCid: a path follows the CID.</exception>
    internal Cid Resolve() => WithoutNames(ResolvePath());

    private Cid WithoutNames(ContentPath path) => path.Names.Count == 0 ? path.Root : throw new FaultException(Faults.PathFollows(_value, path));

    // of what a name leads to, or a serializer's copy of that: its path goes on from its CID, or has none
    private static string? PathIn(object? value) =>
        Unwrap.Property(value, "Cid") is string cid && Unwrap.Property(value, "Path") is string path
            && path.StartsWith(cid.Length == 0 ? "/ipns/" : $"/ipfs/{cid}/", StringComparison.Ordinal) ? path : null;

    /// <inheritdoc/>
    public override string ToString() => _cid?.ToString() ?? _text ?? _value?.ToString() ?? "";
}
