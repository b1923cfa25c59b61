using System.Numerics;
using Bitswap.Protocol.Abstractions;

namespace Bitswap.Protocol.Core;

/// <summary>
/// Counts values by size in a fixed space: up to sixteen one by one, from there eight steps to each doubling, so that a percentile is off by an eighth at
/// the most; and beside that between the bounds that a meter shows.
/// </summary>
internal sealed class Histogram
{
    private const int Exact = 16;
    private const int FirstExponent = 4;
    private const int StepBits = 3;
    private const int LastExponent = 40;

    // Where the metrics of boxo (bitswap/metrics) put their bounds: 2^18 + 14 is a chunk of 256 KiB in dag-pb.
    private static readonly long[] _sizeBounds = [1 << 6, 1 << 10, 1 << 14, 1 << 18, (1 << 18) + 15, 1 << 22];

    // In microseconds: from what a loopback line takes to where patience ends.
    private static readonly long[] _timeBounds =
    [
        100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
    ];

    private readonly long[] _counts = new long[Exact + ((LastExponent - FirstExponent + 1) << StepBits)];
    private readonly long[] _bounds;
    private readonly long[] _between;
    private readonly double _unit;
    private long _count;
    private double _sum;
    private long _max;

    private Histogram(long[] bounds, double unit)
    {
        _bounds = bounds;
        _unit = unit;
        _between = new long[bounds.Length + 1];
    }

    /// <summary>Makes one of bytes.</summary>
    public static Histogram OfSizes() => new(_sizeBounds, 1);

    /// <summary>Makes one of times: counted in microseconds, shown in seconds.</summary>
    public static Histogram OfTimes() => new(_timeBounds, 1e-6);

    public void Add(TimeSpan time) => Add(time.Ticks / TimeSpan.TicksPerMicrosecond);

    public void Add(long value)
    {
        value = Math.Max(0, value);
        _counts[SlotOf(value)]++;
        int at = Array.BinarySearch(_bounds, value);
        _between[at < 0 ? ~at : at]++;
        _count++;
        _sum += value;
        _max = Math.Max(_max, value);
    }

    public Distribution Snapshot()
    {
        var buckets = new DistributionBucket[_between.Length];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new DistributionBucket(i < _bounds.Length ? _bounds[i] * _unit : double.PositiveInfinity, _between[i]);
        }

        return new Distribution(_count, _sum * _unit, Percentile(0.5), Percentile(0.9), Percentile(0.99), _max * _unit, buckets);
    }

    private double Percentile(double share)
    {
        if (_count == 0)
        {
            return 0;
        }

        long rank = Math.Max(1, (long)Math.Ceiling(share * _count));
        long before = 0;
        int slot = 0;
        while (before + _counts[slot] < rank)
        {
            before += _counts[slot++];
        }

        // As if the values of a slot were spread evenly.
        long least = LowerBoundOf(slot);
        double value = least + ((LowerBoundOf(slot + 1) - 1 - least) * (double)(rank - before) / _counts[slot]);
        return Math.Min(value, _max) * _unit;
    }

    private static int SlotOf(long value)
    {
        if (value < Exact)
        {
            return (int)value;
        }

        int exponent = BitOperations.Log2((ulong)value);
        return exponent > LastExponent
            ? Exact + ((LastExponent - FirstExponent + 1) << StepBits) - 1
            : Exact + ((exponent - FirstExponent) << StepBits) + (int)((value >> (exponent - StepBits)) & ((1 << StepBits) - 1));
    }

    private static long LowerBoundOf(int slot)
    {
        if (slot < Exact)
        {
            return slot;
        }

        int exponent = FirstExponent + ((slot - Exact) >> StepBits);
        long step = (slot - Exact) & ((1 << StepBits) - 1);
        return (1L << exponent) + (step << (exponent - StepBits));
    }
}
