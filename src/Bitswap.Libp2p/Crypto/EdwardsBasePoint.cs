using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Bitswap.Libp2p.Crypto;

/// <summary>Multiples of the base point B of RFC 8032 section 5.1.</summary>
internal static class EdwardsBasePoint
{
    private const int Positions = 32;
    private const int EntriesAPosition = 8;

    // [i * 8 + j] = (j + 1) * 256^i * B
    private static readonly EdwardsTableEntry[] _multiples = MakeMultiples();

    /// <summary>B, 3B, 5B ... 127B, for <see cref="NonAdjacentForm"/> of width 8.</summary>
    public static EdwardsTableEntry[] OddMultiples { get; } = MakeOddMultiples();

    public static EdwardsPoint Value
    {
        get
        {
            // y = 4/5, x positive
            Span<byte> encoded = stackalloc byte[32];
            encoded.Fill(0x66);
            encoded[0] = 0x58;
            return EdwardsPoint.TryRead(encoded, out EdwardsPoint point) ? point : throw new InvalidOperationException("4/5 is no y of edwards25519.");
        }
    }

    /// <summary>scalar * B for a secret scalar under 2^255: the same instructions and addresses for each.</summary>
    public static void Multiply(ReadOnlySpan<byte> scalar, out EdwardsPoint result)
    {
        // 64 digits of -8..8 with scalar = sum of digit[i] * 16^i
        Span<sbyte> digits = stackalloc sbyte[64];
        for (int i = 0; i < 32; i++)
        {
            digits[2 * i] = (sbyte)(scalar[i] & 15);
            digits[(2 * i) + 1] = (sbyte)(scalar[i] >> 4);
        }

        int carry = 0;
        for (int i = 0; i < 63; i++)
        {
            int digit = digits[i] + carry;
            carry = (digit + 8) >> 4;
            digits[i] = (sbyte)(digit - (carry << 4));
        }

        digits[63] += (sbyte)carry;

        // the odd digits first, times 16, then the even ones: each table position serves two digits
        EdwardsPoint sum = EdwardsPoint.Identity;
        EdwardsTableEntry entry = default;
        for (int i = 1; i < 64; i += 2)
        {
            Select(i / 2, digits[i], ref entry);
            EdwardsPoint.Add(ref sum, entry);
        }

        for (int i = 0; i < 4; i++)
        {
            EdwardsPoint.Double(ref sum);
        }

        for (int i = 0; i < 64; i += 2)
        {
            Select(i / 2, digits[i], ref entry);
            EdwardsPoint.Add(ref sum, entry);
        }

        result = sum;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<EdwardsTableEntry>(ref entry)));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<EdwardsPoint>(ref sum)));
    }

    /// <summary>Reads all eight entries of a position and keeps the one that the digit names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(int position, int digit, ref EdwardsTableEntry entry)
    {
        int sign = digit >> 31;
        ulong magnitude = (ulong)((digit ^ sign) - sign);
        ReadOnlySpan<EdwardsTableEntry> row = _multiples.AsSpan(position * EntriesAPosition, EntriesAPosition);
        entry = EdwardsTableEntry.Identity;
        for (int i = 0; i < row.Length; i++)
        {
            // all ones where magnitude == i + 1: only then does subtracting 1 from the difference borrow
            ulong difference = magnitude ^ (ulong)(i + 1);
            entry.ConditionalMove(row[i], 0 - ((difference - 1) >> 63));
        }

        entry.ConditionalNegate((ulong)(sign & 1));
    }

    private static EdwardsTableEntry[] MakeMultiples()
    {
        var table = new EdwardsTableEntry[Positions * EntriesAPosition];
        EdwardsPoint unit = Value;
        for (int i = 0; i < Positions; i++)
        {
            EdwardsAddend step = new(unit);
            EdwardsPoint multiple = unit;
            for (int j = 0; j < EntriesAPosition; j++)
            {
                table[(i * EntriesAPosition) + j] = EdwardsTableEntry.FromPoint(multiple);
                EdwardsPoint.Add(ref multiple, step);
            }

            for (int j = 0; j < 8; j++)
            {
                EdwardsPoint.Double(ref unit);
            }
        }

        return table;
    }

    private static EdwardsTableEntry[] MakeOddMultiples()
    {
        var table = new EdwardsTableEntry[64];
        EdwardsPoint multiple = Value;
        EdwardsPoint twice = multiple;
        EdwardsPoint.Double(ref twice);
        EdwardsAddend step = new(twice);
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = EdwardsTableEntry.FromPoint(multiple);
            EdwardsPoint.Add(ref multiple, step);
        }

        return table;
    }
}
