using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Bitswap.Libp2p.Crypto;

/// <summary>256 bits, the lowest limb first. No branch depends on a value, except in what says so.</summary>
internal readonly record struct UInt256(ulong L0, ulong L1, ulong L2, ulong L3)
{
    public static UInt256 Zero => default;

    public static UInt256 One => new(1, 0, 0, 0);

    public bool IsZero => (L0 | L1 | L2 | L3) == 0;

    public static UInt256 ReadLittleEndian(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public static UInt256 ReadBigEndian(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes));

    public void WriteLittleEndian(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, L0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], L1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], L2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], L3);
    }

    public void WriteBigEndian(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, L3);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], L2);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], L1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], L0);
    }

    /// <summary>The sum mod 2^256; <paramref name="carry"/> is 1 where it passed that, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 Add(in UInt256 a, in UInt256 b, out ulong carry)
    {
        UInt128 s = (UInt128)a.L0 + b.L0;
        ulong l0 = (ulong)s;
        s = (UInt128)a.L1 + b.L1 + (ulong)(s >> 64);
        ulong l1 = (ulong)s;
        s = (UInt128)a.L2 + b.L2 + (ulong)(s >> 64);
        ulong l2 = (ulong)s;
        s = (UInt128)a.L3 + b.L3 + (ulong)(s >> 64);
        carry = (ulong)(s >> 64);
        return new UInt256(l0, l1, l2, (ulong)s);
    }

    /// <summary>The difference mod 2^256; <paramref name="borrow"/> is 1 where b is over a, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 Subtract(in UInt256 a, in UInt256 b, out ulong borrow)
    {
        UInt128 d = (UInt128)a.L0 - b.L0;
        ulong l0 = (ulong)d;
        d = (UInt128)a.L1 - b.L1 - ((ulong)(d >> 64) & 1);
        ulong l1 = (ulong)d;
        d = (UInt128)a.L2 - b.L2 - ((ulong)(d >> 64) & 1);
        ulong l2 = (ulong)d;
        d = (UInt128)a.L3 - b.L3 - ((ulong)(d >> 64) & 1);
        borrow = (ulong)(d >> 64) & 1;
        return new UInt256(l0, l1, l2, (ulong)d);
    }

    /// <summary>b where every bit of <paramref name="mask"/> is set, a where none is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 Select(in UInt256 a, in UInt256 b, ulong mask) => new(
        a.L0 ^ (mask & (a.L0 ^ b.L0)),
        a.L1 ^ (mask & (a.L1 ^ b.L1)),
        a.L2 ^ (mask & (a.L2 ^ b.L2)),
        a.L3 ^ (mask & (a.L3 ^ b.L3)));

    public static bool operator <(in UInt256 a, in UInt256 b)
    {
        _ = Subtract(a, b, out ulong borrow);
        return borrow == 1;
    }

    public static bool operator >(in UInt256 a, in UInt256 b) => b < a;

    /// <summary>Up to 32 bits from a position on; what lies past the 256th reads as zero. The position is public.</summary>
    public uint Bits(int position, int count)
    {
        int limb = position >> 6;
        int shift = position & 63;
        ulong bits = Limb(limb) >> shift;
        if (shift + count > 64)
        {
            bits |= Limb(limb + 1) << (64 - shift);
        }

        return (uint)(bits & ((1UL << count) - 1));
    }

    private ulong Limb(int index) => index switch
    {
        0 => L0,
        1 => L1,
        2 => L2,
        3 => L3,
        _ => 0,
    };
}
