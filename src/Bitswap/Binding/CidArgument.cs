using Bitswap.Errors;
using Bitswap.Multiformats;

namespace Bitswap.Binding;

/// <summary>
/// A CID as cmdlets take it: a text in any multibase, an <c>/ipfs/</c> path, an <c>ipfs://</c> address or that of a gateway, a <see cref="Bitswap.Cid"/>, or an
/// object with a property <c>Cid</c> such as a block, a want or a row of a CSV file, also when it has been through a serializer.
/// </summary>
public sealed class CidArgument
{
    private readonly object? _value;
    private readonly Cid? _cid;
    private readonly string _reason = "";

    /// <summary>Takes a value; whether it is a CID is asked when it is used, so that one bad item does not spoil the others.</summary>
    /// <param name="value">What the user gave.</param>
    public CidArgument(object value)
    {
        _value = Unwrap.Base(value);
        object? source = _value switch
        {
            Cid or string => _value,
            BitswapBlock block => block.Cid,
            BitswapWant want => want.Cid,
            _ => Unwrap.Property(value, "Cid") ?? value,
        };
        _cid = source as Cid;
        if (_cid is null)
        {
            _cid = Unwrap.TryText(source, out string? text) ? Parse(text, out _reason) : null;
            _reason = _cid is null && _reason.Length == 0 ? $"An object of type {Unwrap.TypeName(value)} has no CID." : _reason;
        }
    }

    /// <summary>The CID.</summary>
    /// <exception cref="FaultException">InvalidCid.</exception>
    internal Cid Resolve() => _cid ?? throw new FaultException(Faults.InvalidCid(_value, _reason));

    /// <summary>The CID of a block that can be asked for.</summary>
    /// <exception cref="FaultException">InvalidCid; InvalidMultihash: no block may have the CID.</exception>
    internal Cid ResolveBlock()
    {
        Cid cid = Resolve();
        return BlockRule.Check(cid) is { } refusal ? throw new FaultException(Faults.Refused(cid, refusal)) : cid;
    }

    /// <inheritdoc/>
    public override string ToString() => _cid?.ToString() ?? _value?.ToString() ?? "";

    private static Cid? Parse(string text, out string reason)
    {
        reason = "";
        try
        {
            return Cid.Parse(text);
        }
        catch (MultiformatException exception)
        {
            reason = exception.Message;
            return null;
        }
    }
}
