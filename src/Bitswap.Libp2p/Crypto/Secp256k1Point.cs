namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// A point of secp256k1, y^2 = x^3 + 7 (SEC 2 section 2.4.1), in Jacobian coordinates x = X/Z^2, y = Y/Z^3 in Montgomery form; Z = 0 is
/// the point at infinity. For public data: what it does depends on the points it has.
/// </summary>
internal readonly struct Secp256k1Point
{
    private const int CoordinateLength = 32;
    private const byte Uncompressed = 4;

    /// <summary>p = 2^256 - 2^32 - 977.</summary>
    public static Modulus256 Field { get; } = new(new UInt256(0xfffffffefffffc2f, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff));

    private static readonly UInt256 _seven = Field.ToMontgomery(new UInt256(7, 0, 0, 0));

    // (p + 1) / 4: p = 3 mod 4, so this power of a square is a root of it
    private static readonly UInt256 _rootExponent = new(0xffffffffbfffff0c, 0xffffffffffffffff, 0xffffffffffffffff, 0x3fffffffffffffff);

    private Secp256k1Point(in UInt256 x, in UInt256 y, in UInt256 z)
    {
        X = x;
        Y = y;
        Z = z;
    }

    /// <summary>The base point G.</summary>
    public static Secp256k1Point Generator { get; } = FromAffine(
        new UInt256(0x59f2815b16f81798, 0x029bfcdb2dce28d9, 0x55a06295ce870b07, 0x79be667ef9dcbbac),
        new UInt256(0x9c47d08ffb10d4b8, 0xfd17b448a6855419, 0x5da4fbfc0e1108a8, 0x483ada7726a3c465));

    public UInt256 X { get; }

    public UInt256 Y { get; }

    public UInt256 Z { get; }

    public bool IsInfinity => Z.IsZero;

    /// <summary>Decodes 33 bytes (02 or 03, x) or 65 bytes (04, x, y) of SEC 1 section 2.3.4, coordinates under p, on the curve.</summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out Secp256k1Point point)
    {
        point = default;
        bool compressed = encoded.Length == 1 + CoordinateLength && encoded[0] is 2 or 3;
        if (!compressed && !(encoded.Length == 1 + (2 * CoordinateLength) && encoded[0] == Uncompressed))
        {
            return false;
        }

        UInt256 x = UInt256.ReadBigEndian(encoded[1..]);
        if (!(x < Field.Value))
        {
            return false;
        }

        UInt256 mx = Field.ToMontgomery(x);
        UInt256 ySquared = Field.Add(Field.Multiply(Field.Multiply(mx, mx), mx), _seven);
        if (compressed)
        {
            UInt256 my = Field.Power(ySquared, _rootExponent);
            if (Field.Multiply(my, my) != ySquared)
            {
                return false;
            }

            // no point has y = 0, as the order is odd, so the two roots differ in their lowest bit
            bool odd = (Field.FromMontgomery(my).L0 & 1) == 1;
            point = new Secp256k1Point(mx, odd == (encoded[0] == 3) ? my : Field.Subtract(UInt256.Zero, my), Field.One);
            return true;
        }

        UInt256 y = UInt256.ReadBigEndian(encoded[(1 + CoordinateLength)..]);
        if (!(y < Field.Value))
        {
            return false;
        }

        UInt256 given = Field.ToMontgomery(y);
        point = new Secp256k1Point(mx, given, Field.One);
        return Field.Multiply(given, given) == ySquared;
    }

    /// <summary>The compressed form of an encoding that <see cref="TryRead"/> takes.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> encoded) => encoded[0] == Uncompressed
        ? [(byte)(2 + (encoded[^1] & 1)), .. encoded.Slice(1, CoordinateLength)]
        : encoded.ToArray();

    public static Secp256k1Point operator -(in Secp256k1Point p) => new(p.X, Field.Subtract(UInt256.Zero, p.Y), p.Z);

    /// <summary>Twice the point (hyperelliptic.org/EFD, dbl-2009-l, for a = 0). Infinity stays itself.</summary>
    public Secp256k1Point Double()
    {
        Modulus256 f = Field;
        UInt256 a = f.Multiply(X, X);
        UInt256 b = f.Multiply(Y, Y);
        UInt256 c = f.Multiply(b, b);
        UInt256 xPlusB = f.Add(X, b);
        UInt256 d = f.Subtract(f.Subtract(f.Multiply(xPlusB, xPlusB), a), c);
        d = f.Add(d, d);
        UInt256 e = f.Add(f.Add(a, a), a);
        UInt256 x = f.Subtract(f.Multiply(e, e), f.Add(d, d));
        UInt256 c8 = f.Add(c, c);
        c8 = f.Add(c8, c8);
        c8 = f.Add(c8, c8);
        UInt256 y = f.Subtract(f.Multiply(e, f.Subtract(d, x)), c8);
        UInt256 z = f.Multiply(Y, Z);
        return new Secp256k1Point(x, y, f.Add(z, z));
    }

    /// <summary>The sum (hyperelliptic.org/EFD, add-1998-cmo-2), with the cases that its formulas leave out.</summary>
    public static Secp256k1Point operator +(in Secp256k1Point p, in Secp256k1Point q)
    {
        if (p.IsInfinity)
        {
            return q;
        }

        if (q.IsInfinity)
        {
            return p;
        }

        Modulus256 f = Field;
        UInt256 z1Squared = f.Multiply(p.Z, p.Z);
        UInt256 z2Squared = f.Multiply(q.Z, q.Z);
        UInt256 u1 = f.Multiply(p.X, z2Squared);
        UInt256 u2 = f.Multiply(q.X, z1Squared);
        UInt256 s1 = f.Multiply(p.Y, f.Multiply(q.Z, z2Squared));
        UInt256 s2 = f.Multiply(q.Y, f.Multiply(p.Z, z1Squared));
        UInt256 h = f.Subtract(u2, u1);
        UInt256 r = f.Subtract(s2, s1);
        if (h.IsZero)
        {
            return r.IsZero ? p.Double() : default;
        }

        UInt256 hSquared = f.Multiply(h, h);
        UInt256 hCubed = f.Multiply(hSquared, h);
        UInt256 v = f.Multiply(u1, hSquared);
        UInt256 x = f.Subtract(f.Subtract(f.Multiply(r, r), hCubed), f.Add(v, v));
        UInt256 y = f.Subtract(f.Multiply(r, f.Subtract(v, x)), f.Multiply(s1, hCubed));
        return new Secp256k1Point(x, y, f.Multiply(f.Multiply(p.Z, q.Z), h));
    }

    private static Secp256k1Point FromAffine(in UInt256 x, in UInt256 y) =>
        new(Field.ToMontgomery(x), Field.ToMontgomery(y), Field.One);
}
