using System.Numerics;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>The function of RFC 7748 section 5 in whole numbers, step by step as it is written there.</summary>
internal static class TextbookX25519
{
    public static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    /// <summary>The orders of the large subgroups of the curve and of its twist.</summary>
    public static readonly BigInteger[] Orders =
    [
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493"),
        BigInteger.Pow(2, 253) - BigInteger.Parse("55484635554744707071703875581767296995"),
    ];

    /// <summary>The shared secret of a private key and a peer's public key.</summary>
    public static byte[] Agree(byte[] secret, byte[] peer) => Write(Multiply(Clamp(secret), Read(peer)));

    /// <summary>The number that stands for a private key.</summary>
    public static BigInteger Clamp(byte[] secret)
    {
        byte[] bytes = [.. secret];
        bytes[0] &= 248;
        bytes[31] &= 127;
        bytes[31] |= 64;
        return new BigInteger(bytes, isUnsigned: true);
    }

    public static BigInteger Read(byte[] u)
    {
        byte[] bytes = [.. u];
        bytes[31] &= 127;
        return new BigInteger(bytes, isUnsigned: true) % Prime;
    }

    public static byte[] Write(BigInteger u)
    {
        byte[] bytes = new byte[32];
        u.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    /// <summary>The Montgomery ladder, for any number; 0 stands for the point at infinity too.</summary>
    public static BigInteger Multiply(BigInteger k, BigInteger u)
    {
        (BigInteger x2, BigInteger z2, BigInteger x3, BigInteger z3) = (1, 0, u, 1);
        for (int t = 254; t >= 0; t--)
        {
            bool bit = !((k >> t) & 1).IsZero;
            if (bit)
            {
                (x2, z2, x3, z3) = (x3, z3, x2, z2);
            }

            BigInteger a = x2 + z2, b = x2 - z2;
            BigInteger aa = a * a % Prime, bb = b * b % Prime, e = aa - bb;
            BigInteger da = (x3 - z3) * a % Prime, cb = (x3 + z3) * b % Prime;
            x3 = (da + cb) * (da + cb) % Prime;
            z3 = u * (da - cb) % Prime * (da - cb) % Prime;
            x2 = aa * bb % Prime;
            z2 = e * (aa + (121665 * e)) % Prime;
            if (bit)
            {
                (x2, z2, x3, z3) = (x3, z3, x2, z2);
            }
        }

        BigInteger result = x2 * BigInteger.ModPow(((z2 % Prime) + Prime) % Prime, Prime - 2, Prime) % Prime;
        return (result + Prime) % Prime;
    }
}
