namespace Bitswap.Libp2p.Addresses;

/// <summary>How far an address reaches, the nearest first.</summary>
public enum AddressReach
{
    /// <summary>No single host: multicast, broadcast, and what is discarded.</summary>
    Nowhere,

    /// <summary>This machine.</summary>
    Machine,

    /// <summary>A local network, and whatever else is not globally reachable by the special-purpose registries of IANA.</summary>
    Network,

    /// <summary>The internet. A name counts as that until it is looked up, unless it is one of special use.</summary>
    World,
}
