using Bitswap.Dag;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Multiformats;

namespace Bitswap.Binding;

/// <summary>
/// A file or directory as cmdlets take it: <c>cid</c>, <c>cid/a/b</c>, <c>/ipfs/cid/a/b</c>, <c>ipfs://cid/a/b</c> or the address of a gateway, a <see cref="Bitswap.Cid"/>, or an
/// object with a property <c>Cid</c> such as the output of Add-BitswapFile or Get-BitswapFile, also when it has been through a serializer.
/// </summary>
public sealed class ContentArgument
{
    private readonly object? _value;
    private readonly string? _text;
    private readonly Cid? _cid;

    /// <summary>Takes a value; whether it leads anywhere is asked when it is used, so that one bad item does not spoil the others.</summary>
    /// <param name="value">What the user gave.</param>
    public ContentArgument(object value)
    {
        _value = Unwrap.Base(value);
        object? source = _value is Cid or string ? _value : Unwrap.Property(value, "Cid") ?? value;
        _cid = source as Cid;
        _text = _cid is null && Unwrap.TryText(source, out string? text) ? text : null;
    }

    /// <summary>The path.</summary>
    /// <exception cref="FaultException">InvalidCid or InvalidPath.</exception>
    internal ContentPath Resolve()
    {
        if (_cid is not null)
        {
            return ContentPath.Of(_cid);
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

    /// <inheritdoc/>
    public override string ToString() => _cid?.ToString() ?? _text ?? _value?.ToString() ?? "";
}
