using System.Numerics;

namespace Bitswap.Dag.UnixFs.Import.Chunking;

/// <summary>
/// Cuts where the cyclic hash of the last 32 bytes ends in 17 zeros: chunks of 128 KiB to 512 KiB, as Kubo's <c>buzhash</c> makes them (boxo
/// <c>chunker/buzhash.go</c>). It has no parameters.
/// </summary>
public sealed class BuzhashChunker : Chunker
{
    private const int Least = 128 * 1024;
    private const int Most = 512 * 1024;
    private const int Window = 32;
    private const uint Mask = (1 << 17) - 1;

    /// <summary>Makes a chunker.</summary>
    public BuzhashChunker()
        : base(Most)
    {
    }

    /// <inheritdoc/>
    public override int FindCut(ReadOnlySpan<byte> data)
    {
        if (data.Length <= Least)
        {
            return data.Length;
        }

        ReadOnlySpan<uint> values = BuzhashTable.Values;
        int most = Math.Min(data.Length, Most);
        uint state = 0;
        foreach (byte value in data[(Least - Window)..Least])
        {
            state = BitOperations.RotateLeft(state, 1) ^ values[value];
        }

        // 32 turns by one bit are none, so the byte that leaves goes as it came
        int end = Least;
        while (end < most && (state & Mask) != 0)
        {
            state = BitOperations.RotateLeft(state, 1) ^ values[data[end - Window]] ^ values[data[end]];
            end++;
        }

        return end;
    }

    /// <inheritdoc/>
    public override string ToString() => "buzhash";
}
