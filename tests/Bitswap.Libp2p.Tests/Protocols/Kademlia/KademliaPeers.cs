using System.Buffers.Binary;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Peers of no network.</summary>
internal static class KademliaPeers
{
    /// <summary>A peer id by number.</summary>
    public static PeerId Id(int number)
    {
        byte[] bytes = [0x12, 0x20, .. new byte[32]];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(2), number);
        return PeerId.FromBytes(bytes);
    }

    /// <summary>A peer id by chance.</summary>
    public static PeerId Id(Random random) => PeerId.FromBytes([0x12, 0x20, .. random.Bytes(32)]);

    /// <summary>An address of a peer.</summary>
    public static Multiaddr Address(int number, int port = 4001) => Multiaddr.Parse($"/ip4/192.0.2.1/tcp/{port}").WithPeerId(Id(number));

    /// <summary>A peer by number, with one address.</summary>
    public static KademliaPeer Peer(int number) => new(Id(number), [Address(number)]);

    /// <summary>Peers by number, the closest to a key first.</summary>
    public static KademliaPeer[] Nearest(KademliaKey target, int count) =>
        [.. Enumerable.Range(1, count).Select(Peer).OrderBy(peer => KademliaKey.Of(peer.Id).DistanceTo(target))];
}
