using System.Runtime.CompilerServices;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// A point of edwards25519, -x^2 + y^2 = 1 + d x^2 y^2, in the extended homogeneous coordinates of RFC 8032 section 5.1.4:
/// x = X/Z, y = Y/Z, x y = T/Z. The formulas are complete, so no operation asks which point it has.
/// </summary>
internal struct EdwardsPoint
{
    public FieldElement X;
    public FieldElement Y;
    public FieldElement Z;
    public FieldElement T;

    public static EdwardsPoint Identity => new() { X = FieldElement.Zero, Y = FieldElement.One, Z = FieldElement.One, T = FieldElement.Zero };

    /// <summary>d = -121665/121666 mod p.</summary>
    public static FieldElement D => new(0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff);

    /// <summary>2 d mod p.</summary>
    public static FieldElement TwiceD => new(0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff);

    /// <summary>
    /// Decodes a point as RFC 8032 section 5.1.3 tells, with its refusals: y not under p, no square root, x = 0 with the sign set.
    /// For public data: how long it takes tells whether it failed.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EdwardsPoint point)
    {
        point = Identity;
        int sign = bytes[31] >> 7;
        FieldElement y = FieldElement.Read(bytes);

        Span<byte> canonical = stackalloc byte[32];
        y.Write(canonical);
        canonical[31] |= (byte)(sign << 7);
        if (!canonical.SequenceEqual(bytes[..32]))
        {
            return false;
        }

        // x^2 = u / v; the candidate root is u v^3 (u v^7)^((p-5)/8)
        FieldElement ySquared = FieldElement.Square(y);
        FieldElement u = ySquared - FieldElement.One;
        FieldElement v = (ySquared * D) + FieldElement.One;
        FieldElement v3 = FieldElement.Square(v) * v;
        FieldElement v7 = FieldElement.Square(v3) * v;
        FieldElement x = u * v3 * FieldElement.PowerForRoot(u * v7);
        FieldElement check = v * FieldElement.Square(x);
        if (!(check - u).IsZero())
        {
            if (!(check + u).IsZero())
            {
                return false;
            }

            x *= FieldElement.SquareRootOfMinusOne;
        }

        if (x.IsZero() && sign == 1)
        {
            return false;
        }

        if (x.Sign() != sign)
        {
            x = -x;
        }

        point = new EdwardsPoint { X = x, Y = y, Z = FieldElement.One, T = x * y };
        return true;
    }

    /// <summary>Writes the 32 bytes of RFC 8032 section 5.1.2.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        FieldElement inverse = FieldElement.Invert(Z);
        (Y * inverse).Write(bytes);
        bytes[31] |= (byte)((X * inverse).Sign() << 7);
    }

    public static EdwardsPoint operator -(in EdwardsPoint p) => new() { X = -p.X, Y = p.Y, Z = p.Z, T = -p.T };

    /// <summary>The sum (RFC 8032 section 5.1.4, with what depends on the second point alone made beforehand).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref EdwardsPoint p, in EdwardsAddend q)
    {
        FieldElement z = p.Z * q.Z;
        Combine(ref p, p.T * q.TwiceDT, z + z, (p.Y - p.X) * q.YMinusX, (p.Y + p.X) * q.YPlusX);
    }

    /// <summary>The difference: the sum with q's x negated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(ref EdwardsPoint p, in EdwardsAddend q)
    {
        FieldElement z = p.Z * q.Z;
        Combine(ref p, -(p.T * q.TwiceDT), z + z, (p.Y - p.X) * q.YPlusX, (p.Y + p.X) * q.YMinusX);
    }

    /// <summary>The sum with a point whose Z is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref EdwardsPoint p, in EdwardsTableEntry q) =>
        Combine(ref p, p.T * q.TwiceDT, p.Z + p.Z, (p.Y - p.X) * q.YMinusX, (p.Y + p.X) * q.YPlusX);

    /// <summary>The difference with a point whose Z is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(ref EdwardsPoint p, in EdwardsTableEntry q) =>
        Combine(ref p, -(p.T * q.TwiceDT), p.Z + p.Z, (p.Y - p.X) * q.YPlusX, (p.Y + p.X) * q.YMinusX);

    /// <summary>Twice the point (RFC 8032 section 5.1.4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(ref EdwardsPoint p)
    {
        FieldElement a = FieldElement.Square(p.X);
        FieldElement b = FieldElement.Square(p.Y);
        FieldElement zSquared = FieldElement.Square(p.Z);
        FieldElement h = a + b;
        FieldElement e = h - FieldElement.Square(p.X + p.Y);
        FieldElement g = a - b;
        FieldElement f = zSquared + zSquared + g;
        p.X = e * f;
        p.Y = g * h;
        p.Z = f * g;
        p.T = e * h;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine(ref EdwardsPoint p, in FieldElement c, in FieldElement d, in FieldElement a, in FieldElement b)
    {
        FieldElement e = b - a;
        FieldElement f = d - c;
        FieldElement g = d + c;
        FieldElement h = b + a;
        p.X = e * f;
        p.Y = g * h;
        p.Z = f * g;
        p.T = e * h;
    }
}
