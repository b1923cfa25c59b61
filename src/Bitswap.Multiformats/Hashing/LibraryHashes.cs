using System.Runtime.CompilerServices;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Bitswap.Multiformats.Hashing;

/// <summary>
/// Computes the hash functions that .NET has not on every platform: BouncyCastle's, and BLAKE3 of the package Blake3. Each fills the digest, whose
/// length it must have, and reads the data where it lies.
/// </summary>
/// <remarks>Never inlined, so that a library is loaded when such a hash is asked for, and not with the code that could ask for one.</remarks>
internal static class LibraryHashes
{
    /// <summary>BLAKE2b (RFC 7693) without a key, of 1 to 64 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Blake2b(ReadOnlySpan<byte> data, Span<byte> digest) => Fill(new Blake2bDigest(8 * digest.Length), data, digest);

    /// <summary>BLAKE2s (RFC 7693) without a key, of 1 to 32 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Blake2s(ReadOnlySpan<byte> data, Span<byte> digest) => Fill(new Blake2sDigest(8 * digest.Length), data, digest);

    /// <summary>BLAKE3 in its hash mode, of any length.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Blake3(ReadOnlySpan<byte> data, Span<byte> digest) => global::Blake3.Hasher.Hash(data, digest);

    /// <summary>SHA-3 (FIPS 202) of 28, 32, 48 or 64 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Sha3(ReadOnlySpan<byte> data, Span<byte> digest) => Fill(new Sha3Digest(8 * digest.Length), data, digest);

    /// <summary>Keccak as it was before FIPS 202, of 28, 32, 48 or 64 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Keccak(ReadOnlySpan<byte> data, Span<byte> digest) => Fill(new KeccakDigest(8 * digest.Length), data, digest);

    /// <summary>SHAKE256 (FIPS 202), of any length.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Shake256(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        var function = new ShakeDigest(256);
        function.BlockUpdate(data);
        function.OutputFinal(digest);
    }

    private static void Fill(IDigest function, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        function.BlockUpdate(data);
        function.DoFinal(digest);
    }
}
