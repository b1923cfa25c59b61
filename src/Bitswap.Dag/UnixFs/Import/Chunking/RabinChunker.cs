using System.Globalization;
using System.Numerics;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Chunking;

/// <summary>
/// Cuts where the Rabin fingerprint of the last 16 bytes ends in zeros, so that equal content is cut alike wherever it stands in a file.
/// </summary>
/// <remarks>
/// As in Kubo: the polynomial is boxo's <c>IpfsRabinPoly</c>; the window begins each chunk with one byte 1 in it, which is never the
/// content's; the bytes before the least size are passed over but for the last 16; the fingerprint has as many zeros as the average has
/// bits after its first.
/// </remarks>
public sealed class RabinChunker : Chunker
{
    /// <summary>The average of <c>rabin</c> alone: 256 KiB.</summary>
    internal const int DefaultAverage = 256 * 1024;

    /// <summary>Irreducible, of degree 53 (boxo <c>chunker/rabin.go</c>).</summary>
    private const ulong Polynomial = 17437180132763653;
    private const int Degree = 53;
    private const int Window = 16;

    private static readonly ulong[] _leaving = CreateLeaving();
    private static readonly ulong[] _reducing = CreateReducing();

    private readonly int _min;
    private readonly int _average;
    private readonly ulong _mask;

    /// <summary>Makes a chunker.</summary>
    /// <param name="min">The least bytes of a chunk, the last excepted; 16 or more.</param>
    /// <param name="average">The bytes of a chunk on average, of which the power of two at or below counts; more than the least.</param>
    /// <param name="max">The most bytes of a chunk; more than the average, up to <see cref="Chunker.SizeLimit"/>.</param>
    /// <exception cref="DagException">InvalidChunker: a size is out of range.</exception>
    public RabinChunker(int min, int average, int max)
        : base(min >= Window && average > min && max > average && max <= SizeLimit
            ? max
            : throw Invalid($"Rabin sizes must rise from at least {Window} to at most {SizeLimit}: least {min}, average {average}, most {max} do not."))
    {
        _min = min;
        _average = average;
        _mask = (1UL << BitOperations.Log2((uint)average)) - 1;
    }

    /// <summary>Returns a chunker with a third of the average as the least, and half as much again as the most.</summary>
    /// <exception cref="DagException">InvalidChunker: the average is below 48 or too large.</exception>
    public static RabinChunker OfAverage(int average) =>
        average is >= 3 * Window and <= SizeLimit
            ? new RabinChunker(average / 3, average, average + (average / 2))
            : throw Invalid($"A Rabin average of {average} bytes is out of range: {3 * Window} to two thirds of {SizeLimit}.");

    /// <inheritdoc/>
    public override int FindCut(ReadOnlySpan<byte> data)
    {
        int max = Math.Min(data.Length, MaxSize);
        if (max <= _min - Window)
        {
            return max;
        }

        // a byte leaves the window 16 steps after it came; before that, what leaves is the 1 and the zeros the window began with
        ReadOnlySpan<byte> content = data[(_min - Window)..max];
        ulong[] leaving = _leaving;
        ulong[] reducing = _reducing;
        ulong digest = 1;
        for (int i = 0; i < content.Length; i++)
        {
            // The 1 stands in the first place of the window, which the sixteenth byte takes.
            byte gone = i >= Window ? content[i - Window] : i == Window - 1 ? (byte)1 : (byte)0;
            digest ^= leaving[gone];
            ulong top = digest >> (Degree - 8);
            digest = ((digest << 8) | content[i]) ^ reducing[top];
            int length = _min - Window + i + 1;
            if (length >= _min && (digest & _mask) == 0)
            {
                return length;
            }
        }

        return max;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"rabin-{_min}-{_average}-{MaxSize}");

    /// <summary>Returns the share that a byte has in a fingerprint once it is the oldest of the window.</summary>
    private static ulong[] CreateLeaving()
    {
        ulong[] table = new ulong[256];
        for (int value = 0; value < table.Length; value++)
        {
            ulong hash = Reduce((ulong)value);
            for (int i = 1; i < Window; i++)
            {
                hash = Reduce(hash << 8);
            }

            table[value] = hash;
        }

        return table;
    }

    /// <summary>Returns what takes the eight bits over the degree away and adds their remainder.</summary>
    private static ulong[] CreateReducing()
    {
        ulong[] table = new ulong[256];
        for (int value = 0; value < table.Length; value++)
        {
            ulong high = (ulong)value << Degree;
            table[value] = Reduce(high) | high;
        }

        return table;
    }

    private static ulong Reduce(ulong value)
    {
        while (value >> Degree != 0)
        {
            value ^= Polynomial << (BitOperations.Log2(value) - Degree);
        }

        return value;
    }
}
