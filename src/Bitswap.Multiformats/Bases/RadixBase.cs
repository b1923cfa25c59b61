using System.Buffers;
using System.Buffers.Binary;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Bases;

/// <summary>
/// Represents a base whose text is one big number, each leading zero byte being one leading zero digit (base10, base36, base58).
/// Works in 32-bit limbs and several digits at a time; the work still grows with the square of the length, so the length is bounded.
/// </summary>
internal sealed class RadixBase : TextBase
{
    /// <summary>The most characters of a text, each leading zero counted.</summary>
    public const int MaxLength = 8192;

    private const int StackBytes = 256;

    private readonly string _alphabet;
    private readonly byte[] _values;
    private readonly uint _radix;
    private readonly int _chunkDigits;
    private readonly uint _chunk;
    private readonly double _digitsPerByte;

    public RadixBase(string prefix, string name, string alphabet, bool anyCase)
        : base(prefix, name)
    {
        _alphabet = alphabet;
        _values = AlphabetTable.Build(alphabet, anyCase);
        _radix = (uint)alphabet.Length;
        _digitsPerByte = 8 / Math.Log2(_radix);
        _chunk = _radix;
        for (_chunkDigits = 1; (ulong)_chunk * _radix <= uint.MaxValue; _chunkDigits++)
        {
            _chunk *= _radix;
        }
    }

    public override string Encode(ReadOnlySpan<byte> data, string prefix)
    {
        int zeros = data.IndexOfAnyExcept((byte)0);
        zeros = zeros < 0 ? data.Length : zeros;
        ReadOnlySpan<byte> number = data[zeros..];
        if (zeros + (number.Length * _digitsPerByte) > MaxLength + 1)
        {
            throw TooLong(data.Length);
        }

        int limbCount = (number.Length + 3) / 4;
        int capacity = prefix.Length + zeros + (int)(number.Length * _digitsPerByte) + 1 + _chunkDigits;
        uint[]? rentedLimbs = limbCount > StackBytes / 4 ? ArrayPool<uint>.Shared.Rent(limbCount) : null;
        char[]? rentedText = capacity > StackBytes * 2 ? ArrayPool<char>.Shared.Rent(capacity) : null;
        Span<uint> limbs = (rentedLimbs ?? stackalloc uint[StackBytes / 4])[..limbCount];
        Span<char> text = (rentedText ?? stackalloc char[StackBytes * 2])[..capacity];
        LoadLimbs(number, limbs);

        int start = capacity;
        for (int first = 0; first < limbs.Length;)
        {
            uint remainder = 0;
            for (int i = first; i < limbs.Length; i++)
            {
                ulong part = ((ulong)remainder << 32) | limbs[i];
                ulong quotient = part / _chunk;
                limbs[i] = (uint)quotient;
                remainder = (uint)(part - (quotient * _chunk));
            }

            while (first < limbs.Length && limbs[first] == 0)
            {
                first++;
            }

            // The last chunk has no leading zeros, all others have every digit.
            bool last = first == limbs.Length;
            for (int digit = 0; last ? remainder != 0 : digit < _chunkDigits; digit++)
            {
                (remainder, uint value) = Math.DivRem(remainder, _radix);
                text[--start] = _alphabet[(int)value];
            }
        }

        start -= zeros;
        text.Slice(start, zeros).Fill(_alphabet[0]);
        bool fits = capacity - start <= MaxLength;
        start -= prefix.Length;
        prefix.CopyTo(text[start..]);
        string result = fits ? new string(text[start..]) : string.Empty;
        if (rentedLimbs is not null)
        {
            ArrayPool<uint>.Shared.Return(rentedLimbs);
        }

        if (rentedText is not null)
        {
            ArrayPool<char>.Shared.Return(rentedText);
        }

        return fits ? result : throw TooLong(data.Length);
    }

    public override int MaxDecodedLength(int length) => Math.Min(length, MaxLength);

    public override string? Decode(ReadOnlySpan<char> text, int origin, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length > MaxLength)
        {
            return $"{text.Length} characters are too many for {Name}, which is bounded at {MaxLength}";
        }

        int zeros = text.IndexOfAnyExcept(_alphabet[0]);
        zeros = zeros < 0 ? text.Length : zeros;
        int limbCount = (int)((text.Length - zeros) / _digitsPerByte / 4) + 2;
        uint[]? rented = limbCount > StackBytes / 4 ? ArrayPool<uint>.Shared.Rent(limbCount) : null;
        Span<uint> limbs = (rented ?? stackalloc uint[StackBytes / 4])[..limbCount];
        string? error = MultiplyIn(text[zeros..], origin + zeros, limbs, out int used);
        if (error is null)
        {
            destination[..zeros].Clear();
            written = zeros + StoreLimbs(limbs[..used], destination[zeros..]);
        }

        if (rented is not null)
        {
            ArrayPool<uint>.Shared.Return(rented);
        }

        return error;
    }

    private MultiformatException TooLong(int bytes) => new(
        MultiformatException.InvalidMultibase,
        $"{bytes} bytes are too many for {Name}: its text is bounded at {MaxLength} characters.");

    /// <summary>Reads the digits into limbs, the least significant limb first.</summary>
    private string? MultiplyIn(ReadOnlySpan<char> digits, int origin, Span<uint> limbs, out int used)
    {
        used = 0;
        for (int at = 0; at < digits.Length;)
        {
            uint factor = 1;
            uint carry = 0;
            for (int end = Math.Min(at + _chunkDigits, digits.Length); at < end; at++)
            {
                char c = digits[at];
                byte value = c < _values.Length ? _values[c] : AlphabetTable.None;
                if (value == AlphabetTable.None)
                {
                    return Stray(c, origin + at);
                }

                factor *= _radix;
                carry = (carry * _radix) + value;
            }

            for (int i = 0; i < used; i++)
            {
                ulong part = ((ulong)limbs[i] * factor) + carry;
                limbs[i] = (uint)part;
                carry = (uint)(part >> 32);
            }

            if (carry != 0)
            {
                limbs[used++] = carry;
            }
        }

        return null;
    }

    /// <summary>Big-endian bytes into limbs, the most significant limb first.</summary>
    private static void LoadLimbs(ReadOnlySpan<byte> number, Span<uint> limbs)
    {
        for (int i = limbs.Length - 1; i >= 0; i--)
        {
            if (number.Length >= 4)
            {
                limbs[i] = BinaryPrimitives.ReadUInt32BigEndian(number[^4..]);
                number = number[..^4];
            }
            else
            {
                uint limb = 0;
                foreach (byte b in number)
                {
                    limb = (limb << 8) | b;
                }

                limbs[i] = limb;
            }
        }
    }

    /// <summary>Limbs, the least significant first and the last not zero, as big-endian bytes without leading zeros.</summary>
    private static int StoreLimbs(ReadOnlySpan<uint> limbs, Span<byte> destination)
    {
        if (limbs.IsEmpty)
        {
            return 0;
        }

        int at = 0;
        uint top = limbs[^1];
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            if (top >> shift != 0)
            {
                destination[at++] = (byte)(top >> shift);
            }
        }

        for (int i = limbs.Length - 2; i >= 0; i--)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], limbs[i]);
            at += 4;
        }

        return at;
    }
}
