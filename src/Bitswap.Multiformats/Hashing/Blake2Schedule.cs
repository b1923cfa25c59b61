using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bitswap.Multiformats.Hashing;

/// <summary>What BLAKE2b and BLAKE2s have in common: the order in which rounds take message words, and how words are read.</summary>
internal static class Blake2Schedule
{
    /// <summary>How many rounds differ before they repeat.</summary>
    public const int Length = 10;

    // SIGMA of RFC 7693 section 2.7
    private static ReadOnlySpan<byte> Sigma =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    /// <summary>The sixteen indices of a round.</summary>
    public static ReadOnlySpan<byte> Round(int round) => Sigma.Slice(16 * round, 16);

    /// <summary>Fills the words from the first bytes, little-endian.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        MemoryMarshal.Cast<byte, ulong>(bytes[..(words.Length * sizeof(ulong))]).CopyTo(words);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, Span{ulong})"/>
    public static void Read(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        MemoryMarshal.Cast<byte, uint>(bytes[..(words.Length * sizeof(uint))]).CopyTo(words);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
