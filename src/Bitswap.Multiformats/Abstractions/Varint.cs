using System.Buffers;

namespace Bitswap.Multiformats.Abstractions;

/// <summary>
/// Unsigned varints: seven bits a byte, least significant first, the top bit set on all but the last byte.
/// Only the shortest form is valid, and it is at most nine bytes long, so the largest value is 2^63 - 1
/// (github.com/multiformats/unsigned-varint).
/// </summary>
public static class Varint
{
    /// <summary>The most bytes that a varint takes.</summary>
    public const int MaxLength = 9;

    /// <summary>The largest value that nine bytes hold.</summary>
    public const ulong MaxValue = long.MaxValue;

    /// <summary>Returns how many bytes <paramref name="value"/> takes: 1 to 9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is over <see cref="MaxValue"/>.</exception>
    public static int Length(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        return ((63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;
    }

    /// <summary>Writes <paramref name="value"/> and returns how many bytes that took.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is over <see cref="MaxValue"/>.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        int length = Length(value);
        if (destination.Length < length)
        {
            throw new ArgumentException($"The varint takes {length} bytes and there is room for {destination.Length}.", nameof(destination));
        }

        for (int i = 0; i < length - 1; i++)
        {
            destination[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length - 1] = (byte)value;
        return length;
    }

    /// <summary>Reads a varint from the start of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes that begin with a varint; more may follow.</param>
    /// <param name="value">The value, or 0 when there is none.</param>
    /// <param name="consumed">How many bytes the varint takes, or 0 when there is none.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.NeedMoreData"/> when the source ends within the varint;
    /// <see cref="OperationStatus.InvalidData"/> when it is longer than it need be or than nine bytes.
    /// </returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        value = 0;
        consumed = 0;
        ulong result = 0;
        for (int i = 0; i < source.Length && i < MaxLength; i++)
        {
            byte b = source[i];
            result |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                if (b == 0 && i > 0)
                {
                    return OperationStatus.InvalidData;
                }

                value = result;
                consumed = i + 1;
                return OperationStatus.Done;
            }
        }

        return source.Length < MaxLength ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
    }

    /// <summary>Reads a varint from the start of <paramref name="source"/>.</summary>
    /// <exception cref="MultiformatException"><c>InvalidVarint</c>: cut short, longer than it need be, or over nine bytes.</exception>
    public static ulong Read(ReadOnlySpan<byte> source, out int consumed) =>
        TryRead(source, out ulong value, out consumed) switch
        {
            OperationStatus.Done => value,
            OperationStatus.NeedMoreData => throw new MultiformatException(
                MultiformatException.InvalidVarint, $"The varint is cut short after {source.Length} bytes."),
            _ => throw new MultiformatException(
                MultiformatException.InvalidVarint, $"The varint is not the shortest form of its value, or is longer than {MaxLength} bytes."),
        };
}
