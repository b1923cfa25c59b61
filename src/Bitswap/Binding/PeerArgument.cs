using Bitswap.Errors;
using Bitswap.Multiformats;

namespace Bitswap.Binding;

/// <summary>
/// A peer as cmdlets take it: a peer id, a multiaddr that ends with one, a node, or an object with a property <c>PeerId</c> or
/// <c>Peer</c>. Where addresses come with it they can be dialled.
/// </summary>
public sealed class PeerArgument
{
    private readonly object? _value;
    private readonly PeerId? _peer;
    private readonly string? _reason;

    /// <summary>Takes a value; whether it names a peer is asked when it is used.</summary>
    /// <param name="value">What the user gave.</param>
    public PeerArgument(object value)
    {
        _value = Unwrap.Base(value);
        object? source = _value is PeerId or Multiaddr or string or BitswapNode or BitswapProvider ? _value : Unwrap.Property(value, "PeerId", "Peer", "Address");
        try
        {
            switch (source)
            {
                case PeerId peer:
                    _peer = peer;
                    break;
                case BitswapNode node:
                    _peer = node.PeerId;
                    Addresses = node.Addresses;
                    break;
                case BitswapProvider provider:
                    _peer = provider.PeerId;
                    Addresses = provider.Addresses;
                    break;
                case Multiaddr address:
                    _peer = address.PeerId;
                    Addresses = [address];
                    break;
                case string text when text.StartsWith('/'):
                    Multiaddr parsed = Multiaddr.Parse(text);
                    _peer = parsed.PeerId;
                    Addresses = [parsed];
                    break;
                case string text:
                    _peer = PeerId.Parse(text);
                    break;
            }
        }
        catch (MultiformatException exception)
        {
            _reason = exception.Message;
        }
    }

    /// <summary>The addresses that came with the peer; empty when there were none.</summary>
    internal IReadOnlyList<Multiaddr> Addresses { get; } = [];

    /// <summary>The peer's id.</summary>
    /// <exception cref="FaultException">InvalidPeerId.</exception>
    internal PeerId Resolve() => _peer ?? throw new FaultException(Faults.InvalidPeer(_value, _reason ?? $"'{_value}' does not say which peer it is of."));

    /// <inheritdoc/>
    public override string ToString() => _peer?.ToString() ?? _value?.ToString() ?? "";
}
