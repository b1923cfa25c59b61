using System.Security.Cryptography;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// Verification of ECDSA over secp256k1 and SHA-256 (SEC 1 section 4.1.4), managed because the BCL has the curve on some platforms only.
/// Everything is public here, so nothing is constant time.
/// </summary>
internal static class Secp256k1
{
    private const int Window = 5;

    private static readonly Secp256k1Point[] _oddMultiplesOfGenerator = OddMultiples(Secp256k1Point.Generator);

    /// <summary>The order n of the base point (SEC 2 section 2.4.1).</summary>
    public static Modulus256 Order { get; } = new(new UInt256(0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff));

    /// <summary>Whether a DER signature is the key's. A high s is valid, as it is in go-libp2p.</summary>
    public static bool Verify(in Secp256k1Point key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!EcdsaSignature.TryRead(signature, out UInt256 r, out UInt256 s) ||
            r.IsZero || s.IsZero || !(r < Order.Value) || !(s < Order.Value))
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        UInt256 e = UInt256.ReadBigEndian(digest);

        // 1/s stays in Montgomery form, so that a product with it is a plain number
        UInt256 inverse = Order.Invert(Order.ToMontgomery(s));
        Secp256k1Point sum = MultiplyAndAdd(Order.Multiply(e, inverse), key, Order.Multiply(r, inverse));
        if (sum.IsInfinity)
        {
            return false;
        }

        // x mod n = r without dividing by Z^2: x is r, or r + n where that is still under p
        Modulus256 field = Secp256k1Point.Field;
        UInt256 zSquared = field.Multiply(sum.Z, sum.Z);
        if (field.Multiply(field.ToMontgomery(r), zSquared) == sum.X)
        {
            return true;
        }

        UInt256 other = UInt256.Add(r, Order.Value, out ulong carry);
        return carry == 0 && other < field.Value && field.Multiply(field.ToMontgomery(other), zSquared) == sum.X;
    }

    /// <summary>u1 G + u2 Q, with one chain of doublings.</summary>
    private static Secp256k1Point MultiplyAndAdd(in UInt256 u1, in Secp256k1Point q, in UInt256 u2)
    {
        Secp256k1Point[] oddMultiplesOfKey = OddMultiples(q);
        Span<sbyte> baseDigits = stackalloc sbyte[NonAdjacentForm.MaxDigits];
        Span<sbyte> keyDigits = stackalloc sbyte[NonAdjacentForm.MaxDigits];
        int highest = Math.Max(NonAdjacentForm.Write(u1, Window, baseDigits), NonAdjacentForm.Write(u2, Window, keyDigits));
        Secp256k1Point sum = default;
        for (int i = highest; i >= 0; i--)
        {
            sum = sum.Double();
            sum = AddMultiple(sum, _oddMultiplesOfGenerator, baseDigits[i]);
            sum = AddMultiple(sum, oddMultiplesOfKey, keyDigits[i]);
        }

        return sum;
    }

    private static Secp256k1Point AddMultiple(in Secp256k1Point sum, Secp256k1Point[] oddMultiples, int digit) => digit switch
    {
        0 => sum,
        > 0 => sum + oddMultiples[digit >> 1],
        _ => sum + -oddMultiples[-digit >> 1],
    };

    private static Secp256k1Point[] OddMultiples(in Secp256k1Point point)
    {
        var multiples = new Secp256k1Point[1 << (Window - 2)];
        Secp256k1Point twice = point.Double();
        multiples[0] = point;
        for (int i = 1; i < multiples.Length; i++)
        {
            multiples[i] = multiples[i - 1] + twice;
        }

        return multiples;
    }
}
