using Bitswap.Errors;
using Bitswap.Multiformats;

namespace Bitswap.Binding;

/// <summary>One or several addresses as cmdlets take them: a text, a <see cref="Multiaddr"/>, a node (all of its addresses), or an object with a property <c>Address</c>.</summary>
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
        object? source = _value is Multiaddr or string or BitswapNode ? _value : Unwrap.Property(value, "Address", "Addresses");
        try
        {
            _addresses = source switch
            {
                Multiaddr address => [address],
                BitswapNode node => node.Addresses,
                string text => [Multiaddr.Parse(text)],
                System.Collections.IEnumerable many => [.. many.Cast<object?>().Select(Unwrap.Base).Select(One)],
                _ => [],
            };
        }
        catch (MultiformatException exception)
        {
            _reason = exception.Message;
        }
    }

    /// <summary>The addresses, at least one.</summary>
    /// <exception cref="FaultException">InvalidMultiaddr.</exception>
    internal IReadOnlyList<Multiaddr> Resolve() =>
        _addresses.Count > 0 ? _addresses : throw new FaultException(Faults.InvalidMultiaddr(_value, _reason ?? $"An object of type {_value?.GetType().Name ?? "null"} has no address."));

    /// <inheritdoc/>
    public override string ToString() => _addresses.Count > 0 ? string.Join(" ", _addresses) : _value?.ToString() ?? "";

    private static Multiaddr One(object? value) => value as Multiaddr ?? Multiaddr.Parse(value?.ToString() ?? "");
}
