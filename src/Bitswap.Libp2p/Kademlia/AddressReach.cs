
namespace Bitswap.Libp2p.Kademlia;

/// <summary>
/// How far an address reaches. Who is far away may not name addresses that are nearer: a stranger on the internet has no business to make
/// this host dial into its own machine or network.
/// </summary>
internal enum AddressReach
{
    /// <summary>This machine.</summary>
    Machine,

    /// <summary>A local network (RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6, RFC 6598).</summary>
    Network,

    /// <summary>The internet. Names count as that, since nobody knows before they are looked up.</summary>
    World,
}
