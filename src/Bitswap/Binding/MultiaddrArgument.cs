using System.Collections;
using Bitswap.Errors;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Binding;

/// <summary>
/// One or several addresses as cmdlets take them: a text, a <see cref="Multiaddr"/>, a node (all of its addresses), or an object with a property <c>Address</c> or
/// <c>Addresses</c>, also when it has been through a serializer.
/// </summary>
public sealed class MultiaddrArgument
{
    private readonly object? _value;
    private readonly IReadOnlyList<Multiaddr> _addresses = [];
    private readonly string? _reason;

    /// <summary>Takes a value; whether it is an address is asked when it is used.</summary>
    /// <param name="value">What the user gave.</param>
    public MultiaddrArgument(object value)
    {
        _value = Unwrap.Base(value);
        object? source = _value is Multiaddr or string or BitswapNode ? _value : Unwrap.Property(value, "Address", "Addresses") ?? value;
        try
        {
            _addresses = source is BitswapNode node ? node.DialAddresses : Read(source);
        }
        catch (MultiformatException exception)
        {
            _reason = exception.Message;
        }
    }

    /// <summary>The addresses, at least one.</summary>
    /// <exception cref="FaultException">InvalidMultiaddr.</exception>
    internal IReadOnlyList<Multiaddr> Resolve() =>
        _addresses.Count > 0 ? _addresses : throw new FaultException(Faults.InvalidMultiaddr(_value, _reason ?? $"An object of type {Unwrap.TypeName(_value)} has no address."));

    /// <inheritdoc/>
    public override string ToString() => _addresses.Count > 0 ? string.Join(" ", _addresses) : _value?.ToString() ?? "";

    /// <summary>The addresses that a value or a list of values has.</summary>
    /// <exception cref="MultiformatException">One is no address.</exception>
    internal static IReadOnlyList<Multiaddr> Read(object? value) => Unwrap.Base(value) switch
    {
        Multiaddr address => [address],
        IEnumerable many and not string and not IDictionary => [.. many.Cast<object?>().SelectMany(Read)],
        _ => Unwrap.TryText(value, out string? text) ? [Multiaddr.Parse(text)] : [],
    };
}
