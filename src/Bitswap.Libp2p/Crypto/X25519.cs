using Library = Org.BouncyCastle.Math.EC.Rfc7748.X25519;

namespace Bitswap.Libp2p.Crypto;

/// <summary>The X25519 key agreement of RFC 7748 section 5, as BouncyCastle computes it: constant time in the secret.</summary>
public static class X25519
{
    /// <summary>The length of a secret, of a public key and of a shared secret, in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>Writes the public key of a 32-byte secret; the secret is clamped as RFC 7748 section 5 tells.</summary>
    /// <param name="secret">32 bytes.</param>
    /// <param name="publicKey">32 bytes or more; the first 32 are written.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void PublicKey(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        CheckLengths(secret, publicKey, nameof(secret), nameof(publicKey));
        Library.GeneratePublicKey(secret, publicKey[..KeyLength]);
    }

    /// <summary>
    /// Writes the shared secret. False, and zeros, where it is all zero: the peer's key is then of small order and the secret
    /// would be known to everyone (RFC 7748 section 6.1).
    /// </summary>
    /// <param name="secret">32 bytes of one's own.</param>
    /// <param name="peerPublicKey">The 32 bytes that the peer sent; non-canonical values and the top bit are accepted and reduced.</param>
    /// <param name="shared">32 bytes or more; the first 32 are written.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static bool TryAgree(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> peerPublicKey, Span<byte> shared)
    {
        CheckLengths(secret, shared, nameof(secret), nameof(shared));
        return peerPublicKey.Length == KeyLength
            ? Library.CalculateAgreement(secret, peerPublicKey, shared[..KeyLength])
            : throw new ArgumentException($"An X25519 public key has {KeyLength} bytes, not {peerPublicKey.Length}.", nameof(peerPublicKey));
    }

    private static void CheckLengths(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> result, string secretName, string resultName)
    {
        if (secret.Length != KeyLength)
        {
            throw new ArgumentException($"An X25519 secret has {KeyLength} bytes, not {secret.Length}.", secretName);
        }

        if (result.Length < KeyLength)
        {
            throw new ArgumentException($"The result takes {KeyLength} bytes and there is room for {result.Length}.", resultName);
        }
    }
}
