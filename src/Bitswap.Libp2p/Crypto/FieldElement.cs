using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Bitswap.Libp2p.Crypto;

/// <summary>An integer mod p = 2^255 - 19 in five limbs of 51 bits. No branch and no address depends on a value.</summary>
/// <remarks>
/// A tight element has limbs under 2^51 + 2^14: what Multiply, Square, Subtract and Read give. A sum of up to four tight
/// elements stays under 2^53.1, and every operation takes limbs under 2^54 - 152, so no carry can be lost.
/// </remarks>
internal struct FieldElement
{
    private const ulong Mask = (1UL << 51) - 1;

    private ulong _l0;
    private ulong _l1;
    private ulong _l2;
    private ulong _l3;
    private ulong _l4;

    public FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
        _l4 = l4;
    }

    public static FieldElement Zero => default;

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>The square root of -1 that is 2^((p-1)/4).</summary>
    public static FieldElement SquareRootOfMinusOne =>
        new(0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d);

    /// <summary>Reads 32 little-endian bytes; the top bit is ignored (RFC 7748 section 5).</summary>
    public static FieldElement Read(ReadOnlySpan<byte> bytes)
    {
        ulong w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        ulong w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask);
    }

    /// <summary>Writes the one representative under p, 32 bytes little-endian.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        FieldElement t = this;
        t.Carry();

        // t < 2p now. q is 1 exactly when t >= p: t + 19 then reaches 2^255.
        ulong q = (t._l0 + 19) >> 51;
        q = (t._l1 + q) >> 51;
        q = (t._l2 + q) >> 51;
        q = (t._l3 + q) >> 51;
        q = (t._l4 + q) >> 51;

        t._l0 += 19 * q;
        t._l1 += t._l0 >> 51;
        t._l2 += t._l1 >> 51;
        t._l3 += t._l2 >> 51;
        t._l4 += t._l3 >> 51;
        t._l0 &= Mask;
        t._l1 &= Mask;
        t._l2 &= Mask;
        t._l3 &= Mask;
        t._l4 &= Mask;

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, t._l0 | (t._l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (t._l1 >> 13) | (t._l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (t._l2 >> 26) | (t._l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (t._l3 >> 39) | (t._l4 << 12));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement operator +(in FieldElement a, in FieldElement b) =>
        new(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4);

    public static FieldElement operator -(in FieldElement a, in FieldElement b)
    {
        // 8p is added limb by limb, so that no limb goes under zero
        FieldElement r = new(
            a._l0 + (0x3fffffffffff68 - b._l0),
            a._l1 + (0x3ffffffffffff8 - b._l1),
            a._l2 + (0x3ffffffffffff8 - b._l2),
            a._l3 + (0x3ffffffffffff8 - b._l3),
            a._l4 + (0x3ffffffffffff8 - b._l4));
        r.CarryOnce();
        return r;
    }

    public static FieldElement operator -(in FieldElement a) => Zero - a;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        ulong a0 = a._l0, a1 = a._l1, a2 = a._l2, a3 = a._l3, a4 = a._l4;
        ulong b0 = b._l0, b1 = b._l1, b2 = b._l2, b3 = b._l3, b4 = b._l4;
        ulong b1Times19 = b1 * 19, b2Times19 = b2 * 19, b3Times19 = b3 * 19, b4Times19 = b4 * 19;

        // limbs that pass 2^255 come back times 19
        ulong h0 = Math.BigMul(a0, b0, out ulong l0);
        Accumulate(a1, b4Times19, ref h0, ref l0);
        Accumulate(a2, b3Times19, ref h0, ref l0);
        Accumulate(a3, b2Times19, ref h0, ref l0);
        Accumulate(a4, b1Times19, ref h0, ref l0);
        ulong h1 = Math.BigMul(a0, b1, out ulong l1);
        Accumulate(a1, b0, ref h1, ref l1);
        Accumulate(a2, b4Times19, ref h1, ref l1);
        Accumulate(a3, b3Times19, ref h1, ref l1);
        Accumulate(a4, b2Times19, ref h1, ref l1);
        ulong h2 = Math.BigMul(a0, b2, out ulong l2);
        Accumulate(a1, b1, ref h2, ref l2);
        Accumulate(a2, b0, ref h2, ref l2);
        Accumulate(a3, b4Times19, ref h2, ref l2);
        Accumulate(a4, b3Times19, ref h2, ref l2);
        ulong h3 = Math.BigMul(a0, b3, out ulong l3);
        Accumulate(a1, b2, ref h3, ref l3);
        Accumulate(a2, b1, ref h3, ref l3);
        Accumulate(a3, b0, ref h3, ref l3);
        Accumulate(a4, b4Times19, ref h3, ref l3);
        ulong h4 = Math.BigMul(a0, b4, out ulong l4);
        Accumulate(a1, b3, ref h4, ref l4);
        Accumulate(a2, b2, ref h4, ref l4);
        Accumulate(a3, b1, ref h4, ref l4);
        Accumulate(a4, b0, ref h4, ref l4);
        return Fold(h0, l0, h1, l1, h2, l2, h3, l3, h4, l4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FieldElement Square(in FieldElement a)
    {
        ulong a0 = a._l0, a1 = a._l1, a2 = a._l2, a3 = a._l3, a4 = a._l4;
        ulong a0Twice = a0 * 2, a1Twice = a1 * 2, a3Times19 = a3 * 19, a4Times19 = a4 * 19;
        ulong a4Times38 = a4Times19 * 2;

        ulong h0 = Math.BigMul(a0, a0, out ulong l0);
        Accumulate(a1, a4Times38, ref h0, ref l0);
        Accumulate(a2 * 2, a3Times19, ref h0, ref l0);
        ulong h1 = Math.BigMul(a0Twice, a1, out ulong l1);
        Accumulate(a2, a4Times38, ref h1, ref l1);
        Accumulate(a3, a3Times19, ref h1, ref l1);
        ulong h2 = Math.BigMul(a0Twice, a2, out ulong l2);
        Accumulate(a1, a1, ref h2, ref l2);
        Accumulate(a3, a4Times38, ref h2, ref l2);
        ulong h3 = Math.BigMul(a0Twice, a3, out ulong l3);
        Accumulate(a1Twice, a2, ref h3, ref l3);
        Accumulate(a4, a4Times19, ref h3, ref l3);
        ulong h4 = Math.BigMul(a0Twice, a4, out ulong l4);
        Accumulate(a1Twice, a3, ref h4, ref l4);
        Accumulate(a2, a2, ref h4, ref l4);
        return Fold(h0, l0, h1, l1, h2, l2, h3, l3, h4, l4);
    }

    /// <summary>a^(2^count).</summary>
    public static FieldElement Square(in FieldElement a, int count)
    {
        FieldElement r = Square(a);
        for (int i = 1; i < count; i++)
        {
            r = Square(r);
        }

        return r;
    }

    /// <summary>The element times a number under 2^20.</summary>
    public static FieldElement MultiplySmall(in FieldElement a, uint factor)
    {
        ulong h0 = Math.BigMul(a._l0, factor, out ulong l0);
        ulong h1 = Math.BigMul(a._l1, factor, out ulong l1);
        ulong h2 = Math.BigMul(a._l2, factor, out ulong l2);
        ulong h3 = Math.BigMul(a._l3, factor, out ulong l3);
        ulong h4 = Math.BigMul(a._l4, factor, out ulong l4);
        return Fold(h0, l0, h1, l1, h2, l2, h3, l3, h4, l4);
    }

    /// <summary>a^(p-2): the inverse, and zero for zero.</summary>
    public static FieldElement Invert(in FieldElement a)
    {
        PowerOfTwoTo250Minus1(a, out FieldElement to250, out FieldElement to11);
        return Square(to250, 5) * to11;
    }

    /// <summary>a^((p-5)/8), from which square roots of ratios are made (RFC 8032 section 5.1.3).</summary>
    public static FieldElement PowerForRoot(in FieldElement a)
    {
        PowerOfTwoTo250Minus1(a, out FieldElement to250, out _);
        return Square(to250, 2) * a;
    }

    /// <summary>Exchanges the two where <paramref name="swap"/> is 1, and leaves them where it is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ConditionalSwap(ref FieldElement a, ref FieldElement b, ulong swap)
    {
        ulong mask = 0 - swap;
        ulong x0 = mask & (a._l0 ^ b._l0), x1 = mask & (a._l1 ^ b._l1), x2 = mask & (a._l2 ^ b._l2);
        ulong x3 = mask & (a._l3 ^ b._l3), x4 = mask & (a._l4 ^ b._l4);
        a = new FieldElement(a._l0 ^ x0, a._l1 ^ x1, a._l2 ^ x2, a._l3 ^ x3, a._l4 ^ x4);
        b = new FieldElement(b._l0 ^ x0, b._l1 ^ x1, b._l2 ^ x2, b._l3 ^ x3, b._l4 ^ x4);
    }

    /// <summary>Takes <paramref name="other"/>'s value where every bit of <paramref name="mask"/> is set, nothing where none is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ConditionalMove(in FieldElement other, ulong mask)
    {
        _l0 ^= mask & (_l0 ^ other._l0);
        _l1 ^= mask & (_l1 ^ other._l1);
        _l2 ^= mask & (_l2 ^ other._l2);
        _l3 ^= mask & (_l3 ^ other._l3);
        _l4 ^= mask & (_l4 ^ other._l4);
    }

    /// <summary>The lowest bit of the value under p: the sign of RFC 8032.</summary>
    public readonly int Sign()
    {
        Span<byte> bytes = stackalloc byte[32];
        Write(bytes);
        return bytes[0] & 1;
    }

    public readonly bool IsZero()
    {
        Span<byte> bytes = stackalloc byte[32];
        Span<byte> zero = stackalloc byte[32];
        Write(bytes);
        zero.Clear();
        return CryptographicOperations.FixedTimeEquals(bytes, zero);
    }

    private static void PowerOfTwoTo250Minus1(in FieldElement a, out FieldElement to250, out FieldElement to11)
    {
        FieldElement to2 = Square(a);
        FieldElement to9 = Square(to2, 2) * a;
        to11 = to9 * to2;
        FieldElement bits5 = Square(to11) * to9;
        FieldElement bits10 = Square(bits5, 5) * bits5;
        FieldElement bits20 = Square(bits10, 10) * bits10;
        FieldElement bits40 = Square(bits20, 20) * bits20;
        FieldElement bits50 = Square(bits40, 10) * bits10;
        FieldElement bits100 = Square(bits50, 50) * bits50;
        FieldElement bits200 = Square(bits100, 100) * bits100;
        to250 = Square(bits200, 50) * bits50;
    }

    /// <summary>1 where the sum passed 2^64 when the addend was added, else 0; a conditional expression may become a branch before it is optimized.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CarryOf(ulong sum, ulong addend) => Unsafe.BitCast<bool, byte>(sum < addend);

    /// <summary>Adds a product to a sum of 128 bits. Written out: with UInt128 a product takes half as long again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ulong a, ulong b, ref ulong high, ref ulong low)
    {
        ulong h = Math.BigMul(a, b, out ulong l);
        low += l;
        high += h + CarryOf(low, l);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Fold(
        ulong h0, ulong l0, ulong h1, ulong l1, ulong h2, ulong l2, ulong h3, ulong l3, ulong h4, ulong l4)
    {
        // each sum is under 2^115, so what passes 51 bits fits one limb
        ulong carry = (h0 << 13) | (l0 >> 51);
        l1 += carry;
        h1 += CarryOf(l1, carry);
        carry = (h1 << 13) | (l1 >> 51);
        l2 += carry;
        h2 += CarryOf(l2, carry);
        carry = (h2 << 13) | (l2 >> 51);
        l3 += carry;
        h3 += CarryOf(l3, carry);
        carry = (h3 << 13) | (l3 >> 51);
        l4 += carry;
        h4 += CarryOf(l4, carry);
        carry = (h4 << 13) | (l4 >> 51);
        ulong r0 = (l0 & Mask) + (carry * 19);
        return new FieldElement(r0 & Mask, (l1 & Mask) + (r0 >> 51), l2 & Mask, l3 & Mask, l4 & Mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CarryOnce()
    {
        ulong c0 = _l0 >> 51, c1 = _l1 >> 51, c2 = _l2 >> 51, c3 = _l3 >> 51, c4 = _l4 >> 51;
        _l0 = (_l0 & Mask) + (c4 * 19);
        _l1 = (_l1 & Mask) + c0;
        _l2 = (_l2 & Mask) + c1;
        _l3 = (_l3 & Mask) + c2;
        _l4 = (_l4 & Mask) + c3;
    }

    private void Carry()
    {
        CarryOnce();
        _l1 += _l0 >> 51;
        _l0 &= Mask;
        _l2 += _l1 >> 51;
        _l1 &= Mask;
        _l3 += _l2 >> 51;
        _l2 &= Mask;
        _l4 += _l3 >> 51;
        _l3 &= Mask;
        _l0 += (_l4 >> 51) * 19;
        _l4 &= Mask;
        // l0 may pass 2^51 by up to 18: the value is under 2^255 + 18 < 2p all the same, and Write carries it on
    }
}
