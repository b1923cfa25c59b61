using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Bitswap.Libp2p.Crypto;

/// <summary>Ed25519 of RFC 8032 section 5.1, in managed code. Making keys and signatures takes constant time in the seed.</summary>
public static class Ed25519
{
    /// <summary>The length of a private key (the seed of RFC 8032 section 5.1.5), in bytes.</summary>
    public const int SeedLength = 32;

    /// <summary>The length of a public key, in bytes.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>The length of a signature, in bytes.</summary>
    public const int SignatureLength = 64;

    private const int BaseWindow = 8;
    private const int KeyWindow = 5;

    /// <summary>The order L of the base point (RFC 8032 section 5.1).</summary>
    private static readonly Modulus256 _order = new(new UInt256(0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000));

    /// <summary>Writes the public key of a seed (RFC 8032 section 5.1.5).</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="publicKey">32 bytes or more; the first 32 are written.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        CheckSeed(seed);
        CheckRoom(publicKey, PublicKeyLength, nameof(publicKey));

        Span<byte> expanded = stackalloc byte[64];
        Expand(seed, expanded);
        MultiplyBase(expanded[..32], publicKey);
        CryptographicOperations.ZeroMemory(expanded);
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

        Span<byte> expanded = stackalloc byte[64];
        Span<byte> nonce = stackalloc byte[32];
        Expand(seed, expanded);
        UInt256 r = HashToScalar(expanded[32..], default, message);
        r.WriteLittleEndian(nonce);

        Span<byte> encodedR = stackalloc byte[32];
        MultiplyBase(nonce, encodedR);
        UInt256 k = HashToScalar(encodedR, publicKey, message);

        // the secret scalar may pass L; a product with something under L may have it so
        UInt256 a = UInt256.ReadLittleEndian(expanded);
        UInt256 s = _order.Add(_order.Multiply(a, _order.ToMontgomery(k)), r);
        encodedR.CopyTo(signature);
        s.WriteLittleEndian(signature[32..]);

        CryptographicOperations.ZeroMemory(expanded);
        CryptographicOperations.ZeroMemory(nonce);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<UInt256>(ref a)));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<UInt256>(ref r)));
    }

    /// <summary>
    /// Whether a signature is valid (RFC 8032 section 5.1.7): S under L, both points canonically encoded, and [S]B = R + [k]A without the
    /// cofactor, as Go and OpenSSL ask. Takes its time in what it is given, all of it public.
    /// </summary>
    /// <param name="publicKey">The public key; one that has not 32 bytes verifies nothing.</param>
    /// <param name="message">Any length.</param>
    /// <param name="signature">The signature; one that has not 64 bytes is invalid.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength)
        {
            return false;
        }

        UInt256 s = UInt256.ReadLittleEndian(signature[32..]);
        if (!(s < _order.Value) || !EdwardsPoint.TryRead(publicKey, out EdwardsPoint a))
        {
            return false;
        }

        // R is encoded from [S]B - [k]A and compared as bytes, which no encoding of R but the canonical one survives
        UInt256 k = HashToScalar(signature[..32], publicKey, message);
        MultiplyPublic(s, k, -a, out EdwardsPoint r);
        Span<byte> encodedR = stackalloc byte[32];
        r.Write(encodedR);
        return encodedR.SequenceEqual(signature[..32]);
    }

    /// <summary>result = s B + k a, with one chain of doublings.</summary>
    private static void MultiplyPublic(in UInt256 s, in UInt256 k, in EdwardsPoint a, out EdwardsPoint result)
    {
        Span<EdwardsAddend> odd = stackalloc EdwardsAddend[1 << (KeyWindow - 2)];
        EdwardsPoint twice = a;
        EdwardsPoint.Double(ref twice);
        EdwardsAddend step = new(twice);
        EdwardsPoint multiple = a;
        for (int i = 0; i < odd.Length; i++)
        {
            odd[i] = new EdwardsAddend(multiple);
            EdwardsPoint.Add(ref multiple, step);
        }

        Span<sbyte> baseDigits = stackalloc sbyte[NonAdjacentForm.MaxDigits];
        Span<sbyte> keyDigits = stackalloc sbyte[NonAdjacentForm.MaxDigits];
        int highest = Math.Max(NonAdjacentForm.Write(s, BaseWindow, baseDigits), NonAdjacentForm.Write(k, KeyWindow, keyDigits));

        EdwardsTableEntry[] oddBase = EdwardsBasePoint.OddMultiples;
        EdwardsPoint sum = EdwardsPoint.Identity;
        for (int i = highest; i >= 0; i--)
        {
            EdwardsPoint.Double(ref sum);
            int digit = keyDigits[i];
            if (digit > 0)
            {
                EdwardsPoint.Add(ref sum, odd[digit >> 1]);
            }
            else if (digit < 0)
            {
                EdwardsPoint.Subtract(ref sum, odd[-digit >> 1]);
            }

            digit = baseDigits[i];
            if (digit > 0)
            {
                EdwardsPoint.Add(ref sum, oddBase[digit >> 1]);
            }
            else if (digit < 0)
            {
                EdwardsPoint.Subtract(ref sum, oddBase[-digit >> 1]);
            }
        }

        result = sum;
    }

    /// <summary>SHA-512 of the seed: the clamped scalar, then the prefix that makes nonces.</summary>
    private static void Expand(ReadOnlySpan<byte> seed, Span<byte> expanded)
    {
        SHA512.HashData(seed, expanded);
        expanded[0] &= 248;
        expanded[31] &= 127;
        expanded[31] |= 64;
    }

    private static void MultiplyBase(ReadOnlySpan<byte> scalar, Span<byte> encoded)
    {
        EdwardsBasePoint.Multiply(scalar, out EdwardsPoint point);
        point.Write(encoded);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<EdwardsPoint>(ref point)));
    }

    private static UInt256 HashToScalar(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[64];
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512))
        {
            hash.AppendData(first);
            hash.AppendData(second);
            hash.AppendData(message);
            hash.GetHashAndReset(digest);
        }

        UInt256 scalar = _order.Reduce(UInt256.ReadLittleEndian(digest), UInt256.ReadLittleEndian(digest[32..]));
        CryptographicOperations.ZeroMemory(digest);
        return scalar;
    }

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
