namespace Bitswap.Libp2p.Crypto;

/// <summary>The windowed non-adjacent form of public scalars, for multiplications that need not hide them.</summary>
internal static class NonAdjacentForm
{
    /// <summary>Room for the digits of any 256-bit scalar.</summary>
    public const int MaxDigits = 257;

    /// <summary>
    /// Writes digits, odd and within ±(2^(width-1) - 1) or zero, with scalar = sum of digits[i] * 2^i, and returns the index of the highest
    /// that is not zero, or -1.
    /// </summary>
    public static int Write(UInt256 scalar, int width, Span<sbyte> digits)
    {
        digits[..MaxDigits].Clear();
        int highest = -1;
        uint carry = 0;
        for (int i = 0; i < MaxDigits;)
        {
            if (((scalar.Bits(i, 1) + carry) & 1) == 0)
            {
                i++;
                continue;
            }

            int window = (int)(scalar.Bits(i, width) + carry);
            carry = (uint)(window >> (width - 1));
            digits[i] = (sbyte)(window - ((int)carry << width));
            highest = i;
            i += width;
        }

        return highest;
    }
}
