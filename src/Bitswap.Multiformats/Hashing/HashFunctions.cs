using System.Security.Cryptography;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Hashing;

/// <summary>Computes hash functions, and tells which there are and how long their digests may be.</summary>
internal static class HashFunctions
{
    /// <summary>The shortest digest that is accepted for a block, of every function but identity (boxo <c>verifcid</c>).</summary>
    public const int MinDigestLength = 20;

    /// <summary>The longest digest that is accepted for a block (boxo <c>verifcid</c>).</summary>
    public const int MaxDigestLength = 128;

    /// <summary>The longest digest among the functions whose digests have one length.</summary>
    private const int MaxFixedDigestLength = 64;

    /// <summary>Returns whether a block may be named with this function (the allow-list of boxo <c>verifcid</c>).</summary>
    public static bool IsAllowed(ulong code) => code switch
    {
        MultihashCode.Identity or MultihashCode.Sha1 or MultihashCode.Sha256 or MultihashCode.Sha512 or MultihashCode.DblSha256 => true,
        >= MultihashCode.Sha3_512 and <= MultihashCode.Sha3_224 => true,
        >= MultihashCode.Shake256 and <= MultihashCode.Blake3 => true,
        >= MultihashCode.Blake2b_160 and <= MultihashCode.Blake2b_512 => true,
        >= MultihashCode.Blake2s_160 and <= MultihashCode.Blake2s_256 => true,
        _ => false,
    };

    /// <summary>Gets the digest length of a function in bytes, and whether a longer one can be asked for.</summary>
    public static bool TryGetLength(ulong code, out int length, out bool extendable)
    {
        extendable = code is MultihashCode.Shake256 or MultihashCode.Blake3;
        length = code switch
        {
            MultihashCode.Sha1 => 20,
            MultihashCode.Sha256 or MultihashCode.DblSha256 or MultihashCode.Sha3_256 or MultihashCode.Keccak256 or MultihashCode.Blake3 => 32,
            MultihashCode.Sha3_224 or MultihashCode.Keccak224 => 28,
            MultihashCode.Sha3_384 or MultihashCode.Keccak384 => 48,
            MultihashCode.Sha512 or MultihashCode.Sha3_512 or MultihashCode.Keccak512 or MultihashCode.Shake256 => 64,
            >= MultihashCode.Blake2b_8 and <= MultihashCode.Blake2b_512 => (int)(code - MultihashCode.Blake2b_8) + 1,
            >= MultihashCode.Blake2s_8 and <= MultihashCode.Blake2s_256 => (int)(code - MultihashCode.Blake2s_8) + 1,
            _ => 0,
        };
        return length != 0;
    }

    /// <summary>Fills <paramref name="digest"/>, whose length the function allows, truncating where it is shorter.</summary>
    /// <returns>False where the function cannot be computed here.</returns>
    public static bool TryHash(ulong code, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        if (!TryGetLength(code, out int length, out bool extendable))
        {
            return false;
        }

        if (extendable || digest.Length == length)
        {
            return TryHashFull(code, data, digest);
        }

        Span<byte> full = stackalloc byte[MaxFixedDigestLength];
        bool done = TryHashFull(code, data, full[..length]);
        full[..digest.Length].CopyTo(digest);
        return done;
    }

    private static bool TryHashFull(ulong code, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        switch (code)
        {
            case MultihashCode.Sha256:
                SHA256.HashData(data, digest);
                return true;
            case MultihashCode.Sha512:
                SHA512.HashData(data, digest);
                return true;
            case MultihashCode.Sha1:
                SHA1.HashData(data, digest);
                return true;
            case MultihashCode.DblSha256:
                SHA256.HashData(data, digest);
                SHA256.HashData(digest, digest);
                return true;
            case MultihashCode.Sha3_256 when SHA3_256.IsSupported:
                SHA3_256.HashData(data, digest);
                return true;
            case MultihashCode.Sha3_384 when SHA3_384.IsSupported:
                SHA3_384.HashData(data, digest);
                return true;
            case MultihashCode.Sha3_512 when SHA3_512.IsSupported:
                SHA3_512.HashData(data, digest);
                return true;
            case >= MultihashCode.Sha3_512 and <= MultihashCode.Sha3_224:
                LibraryHashes.Sha3(data, digest);
                return true;
            case MultihashCode.Shake256 when Shake256.IsSupported:
                Shake256.HashData(data, digest);
                return true;
            case MultihashCode.Shake256:
                LibraryHashes.Shake256(data, digest);
                return true;
            case >= MultihashCode.Keccak224 and <= MultihashCode.Keccak512:
                LibraryHashes.Keccak(data, digest);
                return true;
            case MultihashCode.Blake3:
                LibraryHashes.Blake3(data, digest);
                return true;
            case >= MultihashCode.Blake2b_8 and <= MultihashCode.Blake2b_512:
                LibraryHashes.Blake2b(data, digest);
                return true;
            case >= MultihashCode.Blake2s_8 and <= MultihashCode.Blake2s_256:
                LibraryHashes.Blake2s(data, digest);
                return true;
            default:
                return false;
        }
    }
}
