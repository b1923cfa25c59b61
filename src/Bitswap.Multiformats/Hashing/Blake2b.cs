using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Bitswap.Multiformats.Hashing;

/// <summary>BLAKE2b (RFC 7693) without a key, for digests of 1 to 64 bytes.</summary>
internal static class Blake2b
{
    /// <summary>The longest digest, in bytes.</summary>
    public const int MaxDigestLength = 64;

    /// <summary>The length of a block, in bytes.</summary>
    public const int BlockLength = 128;

    private const int Rounds = 12;

    // RFC 7693 section 2.6
    private static ReadOnlySpan<ulong> Initialization =>
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    /// <summary>Fills <paramref name="digest"/>. Its length is part of what is hashed: a shorter digest is no prefix of a longer one.</summary>
    /// <exception cref="ArgumentException">The digest is empty or longer than 64 bytes.</exception>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        if (digest.Length is 0 or > MaxDigestLength)
        {
            throw new ArgumentException($"A BLAKE2b digest has 1 to {MaxDigestLength} bytes, not {digest.Length}.", nameof(digest));
        }

        // the parameter block of section 2.5: digest length, no key, fanout and depth 1
        Span<ulong> state = stackalloc ulong[MaxDigestLength / sizeof(ulong)];
        Initialization.CopyTo(state);
        state[0] ^= 0x01010000UL ^ (ulong)digest.Length;
        Span<ulong> message = stackalloc ulong[BlockLength / sizeof(ulong)];

        // the last block, even a full one, is kept back: it is hashed as the last
        ulong total = 0;
        while (data.Length > BlockLength)
        {
            total += BlockLength;
            Blake2Schedule.Read(data, message);
            Compress(state, message, total, isLast: false);
            data = data[BlockLength..];
        }

        Span<byte> last = stackalloc byte[BlockLength];
        last.Clear();
        data.CopyTo(last);
        Blake2Schedule.Read(last, message);
        Compress(state, message, total + (ulong)data.Length, isLast: true);

        Span<byte> full = stackalloc byte[MaxDigestLength];
        for (int i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(full[(sizeof(ulong) * i)..], state[i]);
        }

        full[..digest.Length].CopyTo(digest);
    }

    /// <summary>The function F of section 3.2. Not in vectors: it gains nothing with four lanes of 64 bits, and loses much without them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(Span<ulong> h, ReadOnlySpan<ulong> m, ulong total, bool isLast)
    {
        ReadOnlySpan<ulong> iv = Initialization;
        ulong v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
        ulong v8 = iv[0], v9 = iv[1], v10 = iv[2], v11 = iv[3];
        ulong v12 = iv[4] ^ total, v13 = iv[5], v14 = isLast ? ~iv[6] : iv[6], v15 = iv[7];
        for (int round = 0; round < Rounds; round++)
        {
            ReadOnlySpan<byte> s = Blake2Schedule.Round(round % Blake2Schedule.Length);
            Mix(ref v0, ref v4, ref v8, ref v12, m[s[0]], m[s[1]]);
            Mix(ref v1, ref v5, ref v9, ref v13, m[s[2]], m[s[3]]);
            Mix(ref v2, ref v6, ref v10, ref v14, m[s[4]], m[s[5]]);
            Mix(ref v3, ref v7, ref v11, ref v15, m[s[6]], m[s[7]]);
            Mix(ref v0, ref v5, ref v10, ref v15, m[s[8]], m[s[9]]);
            Mix(ref v1, ref v6, ref v11, ref v12, m[s[10]], m[s[11]]);
            Mix(ref v2, ref v7, ref v8, ref v13, m[s[12]], m[s[13]]);
            Mix(ref v3, ref v4, ref v9, ref v14, m[s[14]], m[s[15]]);
        }

        h[0] ^= v0 ^ v8;
        h[1] ^= v1 ^ v9;
        h[2] ^= v2 ^ v10;
        h[3] ^= v3 ^ v11;
        h[4] ^= v4 ^ v12;
        h[5] ^= v5 ^ v13;
        h[6] ^= v6 ^ v14;
        h[7] ^= v7 ^ v15;
    }

    /// <summary>The function G of section 3.1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref ulong a, ref ulong b, ref ulong c, ref ulong d, ulong x, ulong y)
    {
        a = a + b + x;
        d = BitOperations.RotateRight(d ^ a, 32);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 24);
        a = a + b + y;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 63);
    }
}
