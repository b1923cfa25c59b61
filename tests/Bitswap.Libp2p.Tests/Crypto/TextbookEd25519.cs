using System.Numerics;
using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>Ed25519 in whole numbers, as sections 5.1 and 6 of RFC 8032 write it.</summary>
internal static class TextbookEd25519
{
    /// <summary>The order L of the base point.</summary>
    public static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    public static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    private static readonly BigInteger _d = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger _rootOfMinusOne = BigInteger.ModPow(2, (Prime - 1) / 4, Prime);

    /// <summary>The base point B.</summary>
    public static readonly Point Base = Read(Write((4 * Inverse(5)) % Prime))!.Value;

    /// <summary>A point in extended coordinates: x = X/Z, y = Y/Z, x y = T/Z.</summary>
    public readonly struct Point(BigInteger x, BigInteger y, BigInteger z, BigInteger t)
    {
        public static Point Identity { get; } = new(0, 1, 1, 0);

        public bool IsIdentity => x.IsZero && y == z;

        public static Point operator +(Point p, Point q) => p.Plus(q);

        public static Point operator -(Point p) => p.Negative();

        public static Point operator *(BigInteger times, Point point)
        {
            Point sum = Identity;
            for (int i = (int)times.GetBitLength() - 1; i >= 0; i--)
            {
                sum += sum;
                if (!((times >> i) & 1).IsZero)
                {
                    sum += point;
                }
            }

            return sum;
        }

        public (BigInteger X, BigInteger Y) ToAffine()
        {
            BigInteger inverse = Inverse(z);
            return (Mod(x * inverse), Mod(y * inverse));
        }

        private Point Negative() => new(Mod(-x), y, z, Mod(-t));

        private Point Plus(Point q)
        {
            (BigInteger qx, BigInteger qy, BigInteger qz, BigInteger qt) = q.Coordinates();
            BigInteger a = Mod((y - x) * (qy - qx)), b = Mod((y + x) * (qy + qx));
            BigInteger c = Mod(2 * t * qt % Prime * _d), d = Mod(2 * z * qz);
            BigInteger e = b - a, f = d - c, g = d + c, h = b + a;
            return new Point(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }

        private (BigInteger X, BigInteger Y, BigInteger Z, BigInteger T) Coordinates() => (x, y, z, t);
    }

    public static byte[] PublicKey(byte[] seed) => Encode(Expand(seed).Scalar * Base);

    public static byte[] Sign(byte[] seed, byte[] message)
    {
        (BigInteger scalar, byte[] prefix) = Expand(seed);
        BigInteger nonce = Hash(prefix, message);
        byte[] r = Encode(nonce * Base);
        return [.. r, .. Write((nonce + (Hash(r, PublicKey(seed), message) * scalar)) % Order)];
    }

    /// <summary>Whether S is under L, the points are canonical, the key is not of small order, and [8][S]B = [8]R + [8][k]A.</summary>
    public static bool Verify(byte[] key, byte[] message, byte[] signature)
    {
        BigInteger s = new(signature.AsSpan(32), isUnsigned: true);
        return s < Order && Read(key) is Point a && !(8 * a).IsIdentity && Read(signature[..32]) is Point r
            && (8 * ((s * Base) + -(r + (Hash(signature[..32], key, message) * a)))).IsIdentity;
    }

    /// <summary>Decodes a point (section 5.1.3); null where it is none, or not in its one encoding.</summary>
    public static Point? Read(byte[] encoded)
    {
        int sign = encoded[31] >> 7;
        byte[] bytes = [.. encoded];
        bytes[31] &= 127;
        BigInteger y = new(bytes, isUnsigned: true);
        BigInteger square = Mod(((y * y) - 1) * Inverse((_d * y * y) + 1));
        BigInteger x = BigInteger.ModPow(square, (Prime + 3) / 8, Prime);
        if (Mod((x * x) - square) != 0)
        {
            x = Mod(x * _rootOfMinusOne);
        }

        return y >= Prime || Mod((x * x) - square) != 0 || (x.IsZero && sign == 1) ? null
            : FromAffine(x.IsEven == (sign == 0) ? x : Prime - x, y);
    }

    public static byte[] Encode(Point point)
    {
        (BigInteger x, BigInteger y) = point.ToAffine();
        byte[] bytes = Write(y);
        bytes[31] |= (byte)(x.IsEven ? 0 : 128);
        return bytes;
    }

    public static byte[] Write(BigInteger value)
    {
        byte[] bytes = new byte[32];
        Assert.True(value.TryWriteBytes(bytes, out _, isUnsigned: true));
        return bytes;
    }

    /// <summary>SHA-512 of what is given, as a number under L.</summary>
    public static BigInteger Hash(params byte[][] parts) => new BigInteger(SHA512.HashData([.. parts.SelectMany(part => part)]), isUnsigned: true) % Order;

    private static Point FromAffine(BigInteger x, BigInteger y) => new(x, y, 1, Mod(x * y));

    private static (BigInteger Scalar, byte[] Prefix) Expand(byte[] seed)
    {
        byte[] hash = SHA512.HashData(seed);
        hash[0] &= 248;
        hash[31] &= 127;
        hash[31] |= 64;
        return (new BigInteger(hash.AsSpan(0, 32), isUnsigned: true), hash[32..]);
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), Prime - 2, Prime);

    private static BigInteger Mod(BigInteger value) => ((value % Prime) + Prime) % Prime;
}
