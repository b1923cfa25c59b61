using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents a place in the space of keys, or the distance between two: the SHA-256 of what is looked for, compared by XOR (libp2p specs,
/// kad-dht/README.md, Distance).
/// </summary>
internal readonly record struct KademliaKey(ulong First, ulong Second, ulong Third, ulong Fourth) : IComparable<KademliaKey>
{
    /// <summary>Bits of a key.</summary>
    public const int Bits = 256;

    /// <summary>Returns the place of some bytes: a multihash, or a peer id in binary.</summary>
    public static KademliaKey Of(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return new KademliaKey(
            BinaryPrimitives.ReadUInt64BigEndian(hash),
            BinaryPrimitives.ReadUInt64BigEndian(hash[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(hash[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));
    }

    /// <summary>Returns the place of a peer.</summary>
    public static KademliaKey Of(PeerId peer) => Of(peer.Bytes);

    /// <summary>Returns how far it is to another place.</summary>
    public KademliaKey DistanceTo(KademliaKey other) =>
        new(First ^ other.First, Second ^ other.Second, Third ^ other.Third, Fourth ^ other.Fourth);

    /// <summary>Returns the leading bits that both have in common; <see cref="Bits"/> when they are the same.</summary>
    public int CommonPrefixLength(KademliaKey other)
    {
        KademliaKey distance = DistanceTo(other);
        return distance switch
        {
            { First: not 0 } => BitOperations.LeadingZeroCount(distance.First),
            { Second: not 0 } => 64 + BitOperations.LeadingZeroCount(distance.Second),
            { Third: not 0 } => 128 + BitOperations.LeadingZeroCount(distance.Third),
            _ => 192 + BitOperations.LeadingZeroCount(distance.Fourth),
        };
    }

    /// <summary>Compares distances: the shorter comes first.</summary>
    public int CompareTo(KademliaKey other)
    {
        int order = First.CompareTo(other.First);
        order = order != 0 ? order : Second.CompareTo(other.Second);
        order = order != 0 ? order : Third.CompareTo(other.Third);
        return order != 0 ? order : Fourth.CompareTo(other.Fourth);
    }
}
