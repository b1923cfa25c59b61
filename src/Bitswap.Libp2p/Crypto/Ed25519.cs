using Library = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Bitswap.Libp2p.Crypto;

/// <summary>Ed25519 of RFC 8032 section 5.1, as BouncyCastle computes it. Making keys and signatures takes constant time in the seed.</summary>
public static class Ed25519
{
    /// <summary>The length of a private key (the seed of RFC 8032 section 5.1.5), in bytes.</summary>
    public const int SeedLength = 32;

    /// <summary>The length of a public key, in bytes.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>The length of a signature, in bytes.</summary>
    public const int SignatureLength = 64;

    /// <summary>Writes the public key of a seed (RFC 8032 section 5.1.5).</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="publicKey">32 bytes or more; the first 32 are written.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        CheckSeed(seed);
        CheckRoom(publicKey, PublicKeyLength, nameof(publicKey));
        Library.GeneratePublicKey(seed, publicKey[..PublicKeyLength]);
    }

    /// <summary>Writes the signature of a message (RFC 8032 section 5.1.6).</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="message">Any length; it is hashed twice.</param>
    /// <param name="signature">64 bytes or more; the first 64 are written.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> publicKey = stackalloc byte[PublicKeyLength];
        PublicKey(seed, publicKey);
        Sign(seed, publicKey, message, signature);
    }

    /// <summary>Signs with a public key made before. It must be the seed's: two signatures under different ones give the seed's scalar away.</summary>
    internal static void Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        CheckSeed(seed);
        CheckRoom(signature, SignatureLength, nameof(signature));
        Library.Sign(seed, publicKey, message, signature[..SignatureLength]);
    }

    /// <summary>
    /// Returns whether a signature is valid (RFC 8032 section 5.1.7): S under L, both points canonically encoded, and [8][S]B = [8]R + [8][k]A. No
    /// signature is valid under a key of small order, which anyone could sign for.
    /// </summary>
    /// <remarks>
    /// With the cofactor of 8, as the RFC writes the equation. Go and OpenSSL leave it out, which differs for keys and signatures that were
    /// made by other means than section 5.1.5 and 5.1.6, and only their holder can make those.
    /// </remarks>
    /// <param name="publicKey">The public key; one that has not 32 bytes verifies nothing.</param>
    /// <param name="message">Any length.</param>
    /// <param name="signature">The signature; one that has not 64 bytes is invalid.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == PublicKeyLength && signature.Length == SignatureLength && Library.Verify(signature, publicKey, message);

    private static void CheckSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedLength)
        {
            throw new ArgumentException($"An Ed25519 seed has {SeedLength} bytes, not {seed.Length}.", nameof(seed));
        }
    }

    private static void CheckRoom(ReadOnlySpan<byte> result, int length, string name)
    {
        if (result.Length < length)
        {
            throw new ArgumentException($"The result takes {length} bytes and there is room for {result.Length}.", name);
        }
    }
}
