using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Bitswap.Libp2p.Crypto;

/// <summary>The X25519 key agreement of RFC 7748 section 5, in managed code, constant time in the secret.</summary>
public static class X25519
{
    /// <summary>The length of a secret, of a public key and of a shared secret, in bytes.</summary>
    public const int KeyLength = 32;

    // (A - 2) / 4 of curve25519, A = 486662 (RFC 7748 section 4.1)
    private const uint A24 = 121665;

    /// <summary>Writes the public key of a 32-byte secret; the secret is clamped as RFC 7748 section 5 tells.</summary>
    /// <param name="secret">32 bytes.</param>
    /// <param name="publicKey">32 bytes or more; the first 32 are written.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void PublicKey(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        CheckLengths(secret, publicKey, nameof(secret), nameof(publicKey));
        Multiply(secret, new FieldElement(9, 0, 0, 0, 0), publicKey[..KeyLength]);
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
        if (peerPublicKey.Length != KeyLength)
        {
            throw new ArgumentException($"An X25519 public key has {KeyLength} bytes, not {peerPublicKey.Length}.", nameof(peerPublicKey));
        }

        Multiply(secret, FieldElement.Read(peerPublicKey), shared[..KeyLength]);
        Span<byte> zero = stackalloc byte[KeyLength];
        zero.Clear();
        return !CryptographicOperations.FixedTimeEquals(shared[..KeyLength], zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ReadOnlySpan<byte> secret, FieldElement u, Span<byte> result)
    {
        Span<byte> scalar = stackalloc byte[KeyLength];
        secret.CopyTo(scalar);
        scalar[0] &= 248;
        scalar[31] &= 127;
        scalar[31] |= 64;

        // the Montgomery ladder of RFC 7748 section 5, in its names
        Ladder s = new() { X2 = FieldElement.One, Z2 = FieldElement.Zero, X3 = u, Z3 = FieldElement.One };
        ulong swap = 0;
        for (int t = 254; t >= 0; t--)
        {
            ulong bit = (ulong)(scalar[t >> 3] >> (t & 7)) & 1;
            swap ^= bit;
            FieldElement.ConditionalSwap(ref s.X2, ref s.X3, swap);
            FieldElement.ConditionalSwap(ref s.Z2, ref s.Z3, swap);
            swap = bit;
            s.Step(u);
        }

        FieldElement.ConditionalSwap(ref s.X2, ref s.X3, swap);
        FieldElement.ConditionalSwap(ref s.Z2, ref s.Z3, swap);
        (s.X2 * FieldElement.Invert(s.Z2)).Write(result);

        CryptographicOperations.ZeroMemory(scalar);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<Ladder>(ref s)));
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

    /// <summary>All that a ladder knows of the secret, in one place so that it can be cleared in one go.</summary>
    private struct Ladder
    {
        public FieldElement X2;
        public FieldElement Z2;
        public FieldElement X3;
        public FieldElement Z3;
        private FieldElement _a;
        private FieldElement _b;
        private FieldElement _aa;
        private FieldElement _bb;
        private FieldElement _e;
        private FieldElement _da;
        private FieldElement _cb;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Step(in FieldElement u)
        {
            _a = X2 + Z2;
            _b = X2 - Z2;
            _aa = FieldElement.Square(_a);
            _bb = FieldElement.Square(_b);
            _e = _aa - _bb;
            _da = (X3 - Z3) * _a;
            _cb = (X3 + Z3) * _b;
            X3 = FieldElement.Square(_da + _cb);
            Z3 = u * FieldElement.Square(_da - _cb);
            X2 = _aa * _bb;
            Z2 = _e * (_aa + FieldElement.MultiplySmall(_e, A24));
        }
    }
}
