using System.Buffers.Binary;
using System.Numerics;

namespace Bitswap.Dag.UnixFs.Hamt;

/// <summary>MurmurHash3 x64 128 with seed 0, of which sharded directories use the first half (multihash murmur3-x64-64, code 0x22).</summary>
public static class Murmur3
{
    private const ulong C1 = 0x87c3_7b91_1142_53d5;
    private const ulong C2 = 0x4cf5_ad43_2745_937f;

    /// <summary>
    /// Returns the first 8 bytes of the hash as one number, of which the most significant bits place a name in the topmost shard: written
    /// big-endian, they are the bytes that other implementations call the hash.
    /// </summary>
    public static ulong Hash64(ReadOnlySpan<byte> data)
    {
        ulong h1 = 0;
        ulong h2 = 0;
        ReadOnlySpan<byte> rest = data;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            h1 ^= MixFirst(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            h1 = (BitOperations.RotateLeft(h1, 27) + h2) * 5 + 0x52dc_e729;
            h2 ^= MixSecond(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
            h2 = (BitOperations.RotateLeft(h2, 31) + h1) * 5 + 0x3849_5ab5;
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        rest.CopyTo(tail);

        // zeros mix to nothing, so a short tail needs no case of its own
        h2 ^= MixSecond(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]));
        h1 ^= MixFirst(BinaryPrimitives.ReadUInt64LittleEndian(tail));

        h1 ^= (ulong)data.Length;
        h2 ^= (ulong)data.Length;
        h1 += h2;
        h2 += h1;
        return Finish(h1) + Finish(h2);
    }

    private static ulong MixFirst(ulong k) => BitOperations.RotateLeft(k * C1, 31) * C2;

    private static ulong MixSecond(ulong k) => BitOperations.RotateLeft(k * C2, 33) * C1;

    private static ulong Finish(ulong k)
    {
        k = (k ^ (k >> 33)) * 0xff51_afd7_ed55_8ccd;
        k = (k ^ (k >> 33)) * 0xc4ce_b9fe_1a85_ec53;
        return k ^ (k >> 33);
    }
}
