using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bitswap.Multiformats.Hashing;

/// <summary>BLAKE3 (github.com/BLAKE3-team/BLAKE3-specs) in its hash mode, for digests of any length.</summary>
internal static class Blake3
{
    /// <summary>The length of a leaf of the tree, in bytes.</summary>
    public const int ChunkLength = 1024;

    /// <summary>The length of a block, in bytes.</summary>
    public const int BlockLength = 64;

    private const int WordsABlock = BlockLength / sizeof(uint);
    private const int WordsAChainingValue = 8;
    private const int BlocksAChunk = ChunkLength / BlockLength;
    private const int Rounds = 7;

    // a tree over 2^63 bytes is that high
    private const int MaxDepth = 54;

    private const uint ChunkStart = 1;
    private const uint ChunkEnd = 2;
    private const uint Parent = 4;
    private const uint Root = 8;

    /// <summary>The message permutation of section 2.2, applied once more in each row.</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>Fills <paramref name="digest"/>; a shorter one is a prefix of a longer one.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        // chaining values of whole subtrees, the largest first; a tree of n chunks has one for each bit set in n
        Span<uint> stack = stackalloc uint[MaxDepth * WordsAChainingValue];
        int depth = 0;
        ulong chunk = 0;
        Span<uint> values = stackalloc uint[Blake3Lanes.Count * WordsAChainingValue];
        Span<uint> message = stackalloc uint[WordsABlock];

        // the last chunk is kept back: it, or a parent made of it, is the root
        while (data.Length > ChunkLength)
        {
            int count = 1;
            if (Vector256.IsHardwareAccelerated && data.Length > Blake3Lanes.Count * ChunkLength)
            {
                count = Blake3Lanes.Count;
                Blake3Lanes.HashChunks(data, chunk, values);
            }
            else
            {
                HashChunk(data[..ChunkLength], chunk, values, message);
            }

            for (int i = 0; i < count; i++)
            {
                chunk++;
                Push(stack, ref depth, values.Slice(i * WordsAChainingValue, WordsAChainingValue), chunk, message);
            }

            data = data[(count * ChunkLength)..];
        }

        Vector128<uint> low = Blake2s.InitializationLow;
        Vector128<uint> high = Blake2s.InitializationHigh;
        uint flags = ChunkStart;
        while (data.Length > BlockLength)
        {
            Blake2Schedule.Read(data, message);
            Compress(ref low, ref high, message, chunk, BlockLength, flags);
            flags = 0;
            data = data[BlockLength..];
        }

        Span<byte> block = stackalloc byte[BlockLength];
        block.Clear();
        data.CopyTo(block);
        Blake2Schedule.Read(block, message);
        uint blockLength = (uint)data.Length;
        flags |= ChunkEnd;

        // parents are made of the last chunk upwards until the root is left, which is not hashed yet
        while (depth > 0)
        {
            Compress(ref low, ref high, message, chunk, blockLength, flags);
            depth--;
            stack.Slice(depth * WordsAChainingValue, WordsAChainingValue).CopyTo(message);
            low.CopyTo(message[8..]);
            high.CopyTo(message[12..]);
            (low, high) = (Blake2s.InitializationLow, Blake2s.InitializationHigh);
            (chunk, blockLength, flags) = (0, BlockLength, Parent);
        }

        WriteRoot(low, high, message, blockLength, flags | Root, digest);
    }

    /// <summary>Adds a chunk's value: as many parents get whole as the new count of chunks has zero bits at its end.</summary>
    private static void Push(Span<uint> stack, ref int depth, Span<uint> value, ulong chunks, Span<uint> message)
    {
        for (int i = BitOperations.TrailingZeroCount(chunks); i > 0; i--)
        {
            depth--;
            stack.Slice(depth * WordsAChainingValue, WordsAChainingValue).CopyTo(message);
            value.CopyTo(message[WordsAChainingValue..]);
            Vector128<uint> low = Blake2s.InitializationLow;
            Vector128<uint> high = Blake2s.InitializationHigh;
            Compress(ref low, ref high, message, 0, BlockLength, Parent);
            low.CopyTo(value);
            high.CopyTo(value[4..]);
        }

        value.CopyTo(stack[(depth * WordsAChainingValue)..]);
        depth++;
    }

    /// <summary>The chaining value of a whole chunk that is not the root.</summary>
    private static void HashChunk(ReadOnlySpan<byte> data, ulong index, Span<uint> value, Span<uint> message)
    {
        Vector128<uint> low = Blake2s.InitializationLow;
        Vector128<uint> high = Blake2s.InitializationHigh;
        for (int i = 0; i < BlocksAChunk; i++)
        {
            Blake2Schedule.Read(data[(i * BlockLength)..], message);
            Compress(ref low, ref high, message, index, BlockLength, Flags(i));
        }

        low.CopyTo(value);
        high.CopyTo(value[4..]);
    }

    /// <summary>The flags of a block by its place in a whole chunk.</summary>
    internal static uint Flags(int block) => block switch
    {
        0 => ChunkStart,
        BlocksAChunk - 1 => ChunkEnd,
        _ => 0,
    };

    /// <summary>The sixteen message indices of a round.</summary>
    internal static ReadOnlySpan<byte> ScheduleOf(int round) => Schedule.Slice(round * WordsABlock, WordsABlock);

    /// <summary>The root's output, 64 bytes for each value of the counter (section 2.6).</summary>
    private static void WriteRoot(
        Vector128<uint> low, Vector128<uint> high, ReadOnlySpan<uint> message, uint blockLength, uint flags, Span<byte> digest)
    {
        Span<byte> output = stackalloc byte[BlockLength];
        for (ulong counter = 0; !digest.IsEmpty; counter++)
        {
            Vector128<uint> a = low, b = high;
            Mix(ref a, ref b, out Vector128<uint> c, out Vector128<uint> d, message, counter, blockLength, flags);
            Write(a ^ c, output);
            Write(b ^ d, output[16..]);
            Write(c ^ low, output[32..]);
            Write(d ^ high, output[48..]);
            int length = Math.Min(digest.Length, BlockLength);
            output[..length].CopyTo(digest);
            digest = digest[length..];
        }
    }

    private static void Write(Vector128<uint> words, Span<byte> bytes)
    {
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], words[i]);
        }
    }

    /// <summary>The compression function of section 2.2, as far as a chaining value needs it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(
        ref Vector128<uint> low, ref Vector128<uint> high, ReadOnlySpan<uint> message, ulong counter, uint blockLength, uint flags)
    {
        Mix(ref low, ref high, out Vector128<uint> c, out Vector128<uint> d, message, counter, blockLength, flags);
        low ^= c;
        high ^= d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector128<uint> a,
        ref Vector128<uint> b,
        out Vector128<uint> c,
        out Vector128<uint> d,
        ReadOnlySpan<uint> message,
        ulong counter,
        uint blockLength,
        uint flags)
    {
        c = Blake2s.InitializationLow;
        d = Vector128.Create((uint)counter, (uint)(counter >> 32), blockLength, flags);
        for (int round = 0; round < Rounds; round++)
        {
            Blake2s.Round(ref a, ref b, ref c, ref d, message, ScheduleOf(round));
        }
    }
}
