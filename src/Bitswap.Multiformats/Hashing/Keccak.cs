using System.Buffers.Binary;

namespace Bitswap.Multiformats.Hashing;

/// <summary>
/// The sponge of FIPS 202 section 4 over Keccak-f[1600]: SHA-3, SHAKE256, and Keccak as it was before the standard gave it a suffix.
/// Here on every platform; the BCL has SHA-3 only where the operating system does.
/// </summary>
internal static class Keccak
{
    private const int StateLength = KeccakPermutation.Lanes * sizeof(ulong);
    private const int Shake256Rate = StateLength - (2 * 32);

    // what follows the message: the standard's suffix and the first bit of the padding (FIPS 202 sections 5.1, 6.1, 6.2)
    private const byte LegacySuffix = 0x01;
    private const byte Sha3Suffix = 0x06;
    private const byte ShakeSuffix = 0x1f;
    private const byte LastPadding = 0x80;

    /// <summary>SHA3-224, -256, -384 or -512 by the length of the digest: 28, 32, 48 or 64 bytes.</summary>
    /// <exception cref="ArgumentException">The digest has another length.</exception>
    public static void Sha3(ReadOnlySpan<byte> data, Span<byte> digest) => Absorb(data, digest, Rate(digest.Length), Sha3Suffix);

    /// <summary>Keccak-224, -256, -384 or -512 by the length of the digest: 28, 32, 48 or 64 bytes.</summary>
    /// <exception cref="ArgumentException">The digest has another length.</exception>
    public static void Legacy(ReadOnlySpan<byte> data, Span<byte> digest) => Absorb(data, digest, Rate(digest.Length), LegacySuffix);

    /// <summary>SHAKE256, of any length; a shorter digest is a prefix of a longer one.</summary>
    public static void Shake256(ReadOnlySpan<byte> data, Span<byte> digest) => Absorb(data, digest, Shake256Rate, ShakeSuffix);

    /// <summary>The block length in bytes: the state less twice the digest.</summary>
    private static int Rate(int digestLength) => digestLength is 28 or 32 or 48 or 64
        ? StateLength - (2 * digestLength)
        : throw new ArgumentException($"A digest has 28, 32, 48 or 64 bytes, not {digestLength}.", nameof(digestLength));

    private static void Absorb(ReadOnlySpan<byte> data, Span<byte> digest, int rate, byte suffix)
    {
        Span<ulong> state = stackalloc ulong[KeccakPermutation.Lanes];
        state.Clear();
        while (data.Length >= rate)
        {
            AddBlock(state, data[..rate]);
            KeccakPermutation.Permute(state);
            data = data[rate..];
        }

        Span<byte> last = stackalloc byte[StateLength];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = suffix;
        last[rate - 1] |= LastPadding;
        AddBlock(state, last[..rate]);
        KeccakPermutation.Permute(state);

        Span<byte> output = last;
        while (true)
        {
            for (int i = 0; i < KeccakPermutation.Lanes; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(output[(i * sizeof(ulong))..], state[i]);
            }

            int length = Math.Min(digest.Length, rate);
            output[..length].CopyTo(digest);
            digest = digest[length..];
            if (digest.IsEmpty)
            {
                return;
            }

            KeccakPermutation.Permute(state);
        }
    }

    private static void AddBlock(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < block.Length / sizeof(ulong); i++)
        {
            state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
        }
    }
}
