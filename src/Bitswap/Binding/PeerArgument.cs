using Bitswap.Errors;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Binding;

/// <summary>
/// A peer as cmdlets take it: a peer id, a multiaddr that ends with one, a node, or an object with a property <c>PeerId</c> or
/// <c>Peer</c>, also when it has been through a serializer. Where addresses come with it they can be dialled.
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
        try
        {
            switch (_value)
            {
                case PeerId peer:
                    _peer = peer;
                    break;
                case BitswapNode node:
                    _peer = node.Host.PeerId;
                    Addresses = node.DialAddresses;
                    break;
                case Multiaddr or string:
                    (_peer, Addresses) = Read(_value);
                    break;
                default:
                    (_peer, Addresses) = Read(Unwrap.Property(value, "PeerId", "Peer", "Address") ?? value);
                    Addresses = Unwrap.Property(value, "Addresses") is { } many ? MultiaddrArgument.Read(many) : Addresses;
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
    internal PeerId Resolve() => _peer ?? throw new FaultException(Faults.InvalidPeer(_value, _reason ?? $"'{_value}' has no peer id."));

    /// <inheritdoc/>
    public override string ToString() => _peer?.ToString() ?? _value?.ToString() ?? "";

    private static (PeerId? Peer, IReadOnlyList<Multiaddr> Addresses) Read(object? value)
    {
        if (Unwrap.Base(value) is PeerId peer)
        {
            return (peer, []);
        }

        if (!Unwrap.TryText(value, out string? text))
        {
            return (null, []);
        }

        if (!text.StartsWith('/'))
        {
            return (PeerId.Parse(text), []);
        }

        Multiaddr address = Multiaddr.Parse(text);
        return (address.PeerId, [address]);
    }
}
