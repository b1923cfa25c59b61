using System.Runtime.CompilerServices;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// Arithmetic mod an odd modulus between 2^252 and 2^256, by Montgomery's multiplication with R = 2^256
/// (coarsely integrated operand scanning). No branch and no address depends on an operand.
/// </summary>
internal sealed class Modulus256
{
    private readonly UInt256 _m;
    private readonly ulong _negatedInverse;

    public Modulus256(UInt256 modulus)
    {
        if ((modulus.L0 & 1) == 0 || modulus.L3 >> 60 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(modulus), "The modulus must be odd and over 2^252.");
        }

        _m = modulus;

        // Newton: each step doubles the bits that are right, and m * m = 1 mod 8 starts with three
        ulong inverse = modulus.L0;
        for (int i = 0; i < 5; i++)
        {
            inverse *= 2 - (modulus.L0 * inverse);
        }

        _negatedInverse = 0 - inverse;

        // R and R^2 mod m by doubling 1
        UInt256 power = UInt256.One;
        for (int i = 0; i < 256; i++)
        {
            power = Add(power, power);
        }

        One = power;
        for (int i = 0; i < 256; i++)
        {
            power = Add(power, power);
        }

        RSquared = power;
    }

    public UInt256 Value => _m;

    /// <summary>1 in Montgomery form: R mod m.</summary>
    public UInt256 One { get; }

    private UInt256 RSquared { get; }

    /// <summary>a R mod m, for any 256-bit a.</summary>
    public UInt256 ToMontgomery(in UInt256 a) => Multiply(a, RSquared);

    /// <summary>a / R mod m.</summary>
    public UInt256 FromMontgomery(in UInt256 a) => Multiply(a, UInt256.One);

    /// <summary>low + 2^256 high, mod m.</summary>
    public UInt256 Reduce(in UInt256 low, in UInt256 high) => Add(FromMontgomery(ToMontgomery(low)), ToMontgomery(high));

    /// <summary>a + b mod m, of operands under m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256 Add(in UInt256 a, in UInt256 b)
    {
        UInt256 sum = UInt256.Add(a, b, out ulong carry);
        return SubtractOnce(sum, carry);
    }

    /// <summary>a - b mod m, of operands under m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256 Subtract(in UInt256 a, in UInt256 b)
    {
        UInt256 difference = UInt256.Subtract(a, b, out ulong borrow);
        return UInt256.Add(difference, UInt256.Select(UInt256.Zero, _m, 0 - borrow), out _);
    }

    /// <summary>a b / R mod m. One operand must be under m, the other may be any 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public UInt256 Multiply(in UInt256 a, in UInt256 b)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Round(a, b.L0, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a, b.L1, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a, b.L2, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a, b.L3, ref t0, ref t1, ref t2, ref t3, ref t4);
        return SubtractOnce(new UInt256(t0, t1, t2, t3), t4);
    }

    /// <summary>a^exponent of a Montgomery form. The exponent is public.</summary>
    public UInt256 Power(in UInt256 a, in UInt256 exponent)
    {
        UInt256 result = One;
        for (int i = 255; i >= 0; i--)
        {
            result = Multiply(result, result);
            if (exponent.Bits(i, 1) == 1)
            {
                result = Multiply(result, a);
            }
        }

        return result;
    }

    /// <summary>The inverse of a Montgomery form, by Fermat: for a prime modulus.</summary>
    public UInt256 Invert(in UInt256 a) => Power(a, UInt256.Subtract(_m, new UInt256(2, 0, 0, 0), out _));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Round(in UInt256 a, ulong b, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        // t += a b, six limbs; t stays under 2 m + a limb, so that five are enough between rounds
        UInt128 s = Math.BigMul(a.L0, b) + t0;
        ulong u0 = (ulong)s;
        s = Math.BigMul(a.L1, b) + t1 + (ulong)(s >> 64);
        ulong u1 = (ulong)s;
        s = Math.BigMul(a.L2, b) + t2 + (ulong)(s >> 64);
        ulong u2 = (ulong)s;
        s = Math.BigMul(a.L3, b) + t3 + (ulong)(s >> 64);
        ulong u3 = (ulong)s;
        s = (UInt128)t4 + (ulong)(s >> 64);
        ulong u4 = (ulong)s;
        ulong u5 = (ulong)(s >> 64);

        // t = (t + q m) / 2^64, where q makes the lowest limb zero
        ulong q = u0 * _negatedInverse;
        s = Math.BigMul(q, _m.L0) + u0;
        s = Math.BigMul(q, _m.L1) + u1 + (ulong)(s >> 64);
        t0 = (ulong)s;
        s = Math.BigMul(q, _m.L2) + u2 + (ulong)(s >> 64);
        t1 = (ulong)s;
        s = Math.BigMul(q, _m.L3) + u3 + (ulong)(s >> 64);
        t2 = (ulong)s;
        s = (UInt128)u4 + (ulong)(s >> 64);
        t3 = (ulong)s;
        t4 = u5 + (ulong)(s >> 64);
    }

    /// <summary>carry 2^256 + a, less m where that is not under m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private UInt256 SubtractOnce(in UInt256 a, ulong carry)
    {
        UInt256 less = UInt256.Subtract(a, _m, out ulong borrow);
        return UInt256.Select(a, less, 0 - (carry | (borrow ^ 1)));
    }
}
