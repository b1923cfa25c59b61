using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Hosting;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Tells which of its addresses a host tells the DHT.</summary>
internal static class KademliaAnnouncement
{
    /// <summary>
    /// Returns the addresses that one who reaches this host from an address of some scope can dial: a peer on the internet is told none of the local network or
    /// of this machine, which mean another host there, and tell of this one what it need not know.
    /// </summary>
    /// <param name="addresses">Those of the host that are told at all, best first: <see cref="Libp2pHost.AnnouncedAddresses"/>.</param>
    /// <param name="reach">How far the address of the peer reaches that is told.</param>
    public static IEnumerable<Multiaddr> AddressesFor(IEnumerable<Multiaddr> addresses, AddressScope reach) =>
        addresses.Where(address => AddressScopes.Of(address) is var scope && scope != AddressScope.Nowhere && scope >= reach);
}
