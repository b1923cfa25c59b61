using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Bitswap.Multiformats.Hashing;

/// <summary>Eight whole chunks of BLAKE3 at once: each vector holds the same word of all eight.</summary>
internal static class Blake3Lanes
{
    /// <summary>How many chunks are hashed at once.</summary>
    public const int Count = 8;

    private const int Rounds = 7;
    private const int BlocksAChunk = Blake3.ChunkLength / Blake3.BlockLength;

    /// <summary>Writes the chaining values of the first eight chunks, one after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HashChunks(ReadOnlySpan<byte> data, ulong firstChunk, Span<uint> values)
    {
        data = data[..(Count * Blake3.ChunkLength)];
        Span<Vector256<uint>> h = stackalloc Vector256<uint>[8];
        for (int i = 0; i < 4; i++)
        {
            h[i] = Vector256.Create(Blake2s.InitializationLow[i]);
            h[i + 4] = Vector256.Create(Blake2s.InitializationHigh[i]);
        }

        Vector256<uint> counterLow = default;
        Vector256<uint> counterHigh = default;
        for (int lane = 0; lane < Count; lane++)
        {
            counterLow = counterLow.WithElement(lane, (uint)(firstChunk + (ulong)lane));
            counterHigh = counterHigh.WithElement(lane, (uint)((firstChunk + (ulong)lane) >> 32));
        }

        Span<Vector256<uint>> message = stackalloc Vector256<uint>[16];
        for (int block = 0; block < BlocksAChunk; block++)
        {
            Transpose(data[(block * Blake3.BlockLength)..], message);
            Compress(h, message, counterLow, counterHigh, Blake3.Flags(block));
        }

        for (int lane = 0; lane < Count; lane++)
        {
            for (int i = 0; i < 8; i++)
            {
                values[(lane * 8) + i] = h[i][lane];
            }
        }
    }

    /// <summary>Reads one block of each chunk: sixteen words, each from eight places that lie a chunk apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ReadOnlySpan<byte> data, Span<Vector256<uint>> message)
    {
        Span<uint> words = MemoryMarshal.Cast<Vector256<uint>, uint>(message);
        for (int lane = 0; lane < Count; lane++)
        {
            ReadOnlySpan<uint> source = MemoryMarshal.Cast<byte, uint>(data.Slice(lane * Blake3.ChunkLength, Blake3.BlockLength));
            for (int i = 0; i < 16; i++)
            {
                words[(i * Count) + lane] = BitConverter.IsLittleEndian ? source[i] : BinaryPrimitives.ReverseEndianness(source[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(
        Span<Vector256<uint>> h, ReadOnlySpan<Vector256<uint>> m, Vector256<uint> counterLow, Vector256<uint> counterHigh, uint flags)
    {
        Vector256<uint> v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
        Vector256<uint> v8 = Vector256.Create(Blake2s.InitializationLow[0]), v9 = Vector256.Create(Blake2s.InitializationLow[1]);
        Vector256<uint> v10 = Vector256.Create(Blake2s.InitializationLow[2]), v11 = Vector256.Create(Blake2s.InitializationLow[3]);
        Vector256<uint> v12 = counterLow, v13 = counterHigh;
        Vector256<uint> v14 = Vector256.Create((uint)Blake3.BlockLength), v15 = Vector256.Create(flags);
        for (int round = 0; round < Rounds; round++)
        {
            ReadOnlySpan<byte> s = Blake3.ScheduleOf(round);
            Mix(ref v0, ref v4, ref v8, ref v12, m[s[0]], m[s[1]]);
            Mix(ref v1, ref v5, ref v9, ref v13, m[s[2]], m[s[3]]);
            Mix(ref v2, ref v6, ref v10, ref v14, m[s[4]], m[s[5]]);
            Mix(ref v3, ref v7, ref v11, ref v15, m[s[6]], m[s[7]]);
            Mix(ref v0, ref v5, ref v10, ref v15, m[s[8]], m[s[9]]);
            Mix(ref v1, ref v6, ref v11, ref v12, m[s[10]], m[s[11]]);
            Mix(ref v2, ref v7, ref v8, ref v13, m[s[12]], m[s[13]]);
            Mix(ref v3, ref v4, ref v9, ref v14, m[s[14]], m[s[15]]);
        }

        h[0] = v0 ^ v8;
        h[1] = v1 ^ v9;
        h[2] = v2 ^ v10;
        h[3] = v3 ^ v11;
        h[4] = v4 ^ v12;
        h[5] = v5 ^ v13;
        h[6] = v6 ^ v14;
        h[7] = v7 ^ v15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d, Vector256<uint> x, Vector256<uint> y)
    {
        a = a + b + x;
        d = RotateRight(d ^ a, 16);
        c += d;
        b = RotateRight(b ^ c, 12);
        a = a + b + y;
        d = RotateRight(d ^ a, 8);
        c += d;
        b = RotateRight(b ^ c, 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RotateRight(Vector256<uint> v, int bits) => (v >>> bits) | (v << (32 - bits));
}
