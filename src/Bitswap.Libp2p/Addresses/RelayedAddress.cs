using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Libp2p.Addresses;

/// <summary>
/// Represents an address of a peer behind a relay, taken apart: <c>RELAY/p2p/ID/p2p-circuit/p2p/PEER</c>, where RELAY is dialled directly (libp2p specs, relay/circuit-v2.md).
/// </summary>
/// <param name="Relay">The relay's own address, with its peer id.</param>
/// <param name="Peer">Who is behind it.</param>
internal sealed record RelayedAddress(Multiaddr Relay, PeerId Peer)
{
    /// <summary>What stands between the relay and the peer.</summary>
    public const string Part = "p2p-circuit";

    /// <summary>Gets that part as an address.</summary>
    public static Multiaddr Circuit { get; } = Multiaddr.Parse($"/{Part}");

    /// <summary>Gets the relay's peer id.</summary>
    public PeerId RelayPeer => Relay.PeerId!;

    /// <summary>Gets the whole address.</summary>
    public Multiaddr Address => Of(Relay).WithPeerId(Peer);

    /// <summary>Returns the address of a holder of a reservation at a relay, without its peer id.</summary>
    public static Multiaddr Of(Multiaddr relay) => relay.Encapsulate(Circuit);

    /// <summary>Returns whether an address leads over a relay, whether it is one that this host can dial or not.</summary>
    public static bool IsRelayed(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Components.Any(part => part.Protocol == Part);
    }

    /// <summary>Returns whether an address ends at the relay, and does not say who is behind it.</summary>
    public static bool NamesNoPeer(Multiaddr address) => address.Components is [.., { Protocol: Part }];

    /// <summary>Takes an address apart; false for one that leads over no relay or several, does not name both peers, or needs a transport of another kind to its relay.</summary>
    public static bool TryParse(Multiaddr address, [NotNullWhen(true)] out RelayedAddress? parsed)
    {
        ArgumentNullException.ThrowIfNull(address);
        parsed = null;
        if (address.Components is not [.., { Protocol: "p2p" }, { Protocol: Part }, { Protocol: "p2p" }]
            || address.Components.Count(part => part.Protocol == Part) > 1)
        {
            return false;
        }
        var relay = Multiaddr.Parse(string.Concat(address.Components.SkipLast(2)));
        if (!AddressTransports.IsDirect(relay))
        {
            return false;
        }
        parsed = new RelayedAddress(relay, address.PeerId!);
        return true;
    }
}
