using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bitswap.Multiformats.Hashing;

/// <summary>BLAKE2s (RFC 7693) without a key, for digests of 1 to 32 bytes.</summary>
internal static class Blake2s
{
    /// <summary>The longest digest, in bytes.</summary>
    public const int MaxDigestLength = 32;

    /// <summary>The length of a block, in bytes.</summary>
    public const int BlockLength = 64;

    /// <summary>The first four initial words (RFC 7693 section 2.6); BLAKE3 has the same eight.</summary>
    public static Vector128<uint> InitializationLow => Vector128.Create(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au);

    /// <summary>The last four initial words.</summary>
    public static Vector128<uint> InitializationHigh => Vector128.Create(0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u);

    /// <summary>Fills <paramref name="digest"/>. Its length is part of what is hashed: a shorter digest is no prefix of a longer one.</summary>
    /// <exception cref="ArgumentException">The digest is empty or longer than 32 bytes.</exception>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        if (digest.Length is 0 or > MaxDigestLength)
        {
            throw new ArgumentException($"A BLAKE2s digest has 1 to {MaxDigestLength} bytes, not {digest.Length}.", nameof(digest));
        }

        // the parameter block of section 2.5: digest length, no key, fanout and depth 1
        Vector128<uint> low = InitializationLow ^ Vector128.CreateScalar(0x01010000u ^ (uint)digest.Length);
        Vector128<uint> high = InitializationHigh;
        Span<uint> message = stackalloc uint[BlockLength / sizeof(uint)];

        // the last block, even a full one, is kept back: it is hashed as the last
        ulong total = 0;
        while (data.Length > BlockLength)
        {
            total += BlockLength;
            Blake2Schedule.Read(data, message);
            Compress(ref low, ref high, message, total, isLast: false);
            data = data[BlockLength..];
        }

        Span<byte> last = stackalloc byte[BlockLength];
        last.Clear();
        data.CopyTo(last);
        Blake2Schedule.Read(last, message);
        Compress(ref low, ref high, message, total + (ulong)data.Length, isLast: true);

        Span<byte> full = stackalloc byte[MaxDigestLength];
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(full[(4 * i)..], low[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(full[(16 + (4 * i))..], high[i]);
        }

        full[..digest.Length].CopyTo(digest);
    }

    /// <summary>One round of G (section 3.1) over the four columns, then the four diagonals; BLAKE3 has the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, ReadOnlySpan<uint> message, ReadOnlySpan<byte> s)
    {
        Mix(ref a, ref b, ref c, ref d, Gather(message, s), Gather(message, s[1..]));
        b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
        c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
        d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
        Mix(ref a, ref b, ref c, ref d, Gather(message, s[8..]), Gather(message, s[9..]));
        b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
        c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
        d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(ref Vector128<uint> low, ref Vector128<uint> high, ReadOnlySpan<uint> message, ulong total, bool isLast)
    {
        Vector128<uint> a = low;
        Vector128<uint> b = high;
        Vector128<uint> c = InitializationLow;
        Vector128<uint> d = InitializationHigh ^ Vector128.Create((uint)total, (uint)(total >> 32), isLast ? uint.MaxValue : 0, 0);
        for (int round = 0; round < Blake2Schedule.Length; round++)
        {
            Round(ref a, ref b, ref c, ref d, message, Blake2Schedule.Round(round));
        }

        low ^= a ^ c;
        high ^= b ^ d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Gather(ReadOnlySpan<uint> message, ReadOnlySpan<byte> schedule) =>
        Vector128.Create(message[schedule[0]], message[schedule[2]], message[schedule[4]], message[schedule[6]]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
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
    private static Vector128<uint> RotateRight(Vector128<uint> v, int bits) => (v >>> bits) | (v << (32 - bits));
}
