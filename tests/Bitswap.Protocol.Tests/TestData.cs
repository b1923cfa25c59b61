using System.Buffers.Binary;
using System.Security.Cryptography;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Tests;

/// <summary>Peers and blocks by number.</summary>
internal static class TestData
{
    public static PeerId Peer(int number)
    {
        byte[] key = new byte[36];
        key[0] = 0x08;
        key[1] = 0x01;
        key[2] = 0x12;
        key[3] = 0x20;
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(4), number);
        return PeerId.FromPublicKey(key);
    }

    public static Block Block(int number, int size = 100, ulong codec = Multicodec.Raw)
    {
        byte[] data = new byte[size];

        // A large one repeats itself: a seeded generator is slow, and runs of many megabytes want none of that.
        int random = Math.Min(size, 4096);
        new Random(number).NextBytes(data.AsSpan(0, random));
        for (int filled = random; filled < size && filled > 0; filled *= 2)
        {
            data.AsSpan(0, Math.Min(filled, size - filled)).CopyTo(data.AsSpan(filled));
        }

        if (size >= 4)
        {
            BinaryPrimitives.WriteInt32BigEndian(data, number);
        }

        return new Block(Cid.CreateV1(codec, Multihash.FromDigest(MultihashCode.Sha256, SHA256.HashData(data))), data);
    }

    /// <summary>A CID that no block here has.</summary>
    public static Cid Absent(int number)
    {
        Span<byte> digest = stackalloc byte[32];
        digest.Clear();
        BinaryPrimitives.WriteInt32BigEndian(digest, number);
        return Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Sha256, digest));
    }

    public static Block AsV0(this Block block) => new(Cid.CreateV0(block.Cid.Hash), block.Data);
}
