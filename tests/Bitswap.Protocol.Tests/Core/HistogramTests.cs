using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Tests.Core;

public sealed class HistogramTests
{
    [Fact]
    public void Nothing_counted_is_nothing_shown()
    {
        Distribution none = Histogram.OfTimes().Snapshot();
        Assert.Equal((0L, 0d, 0d, 0d, 0d, 0d, 0d), (none.Count, none.Sum, none.Mean, none.P50, none.P90, none.P99, none.Max));
        Assert.All(none.Buckets, b => Assert.Equal(0, b.Count));
    }

    [Fact]
    public void One_value_is_every_percentile_of_itself()
    {
        var times = Histogram.OfTimes();
        times.Add(TimeSpan.FromMilliseconds(37));
        Distribution one = times.Snapshot();
        Assert.Equal((1L, 0.037, 0.037, 0.037), (one.Count, one.P50, one.P99, one.Max));
        Assert.Equal(0.037, one.Mean, 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Percentiles_are_within_an_eighth_of_those_of_the_sorted_values(int seed)
    {
        var random = new Random(seed);
        var sizes = Histogram.OfSizes();
        long[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Pow(2, random.NextDouble() * 38))];
        Array.ForEach(values, sizes.Add);
        Array.Sort(values);

        Distribution spread = sizes.Snapshot();
        Assert.Equal(values.Sum(v => (double)v), spread.Sum);
        foreach ((double share, double shown) in new[] { (0.5, spread.P50), (0.9, spread.P90), (0.99, spread.P99) })
        {
            double exact = values[(int)Math.Ceiling(share * values.Length) - 1];
            Assert.True(Math.Abs(shown - exact) <= (exact / 8) + 1, $"seed {seed}: the {share} percentile is {exact}, shown is {shown}");
        }
    }

    [Fact]
    public void Values_beyond_every_bound_count_in_the_last_bucket_and_negative_ones_as_zero()
    {
        var sizes = Histogram.OfSizes();
        sizes.Add(long.MaxValue);
        sizes.Add(-5L);
        Distribution spread = sizes.Snapshot();
        Assert.Equal((2L, 0d, (double)long.MaxValue), (spread.Count, spread.P50, spread.Max));
        Assert.Equal((1L, 1L), (spread.Buckets[0].Count, spread.Buckets[^1].Count));
        Assert.True(double.IsPositiveInfinity(spread.Buckets[^1].UpTo));
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(65, 1024)]
    [InlineData(262_144, 262_144)]
    [InlineData(262_158, 262_159)] // a chunk of 256 KiB in dag-pb
    [InlineData(4_194_304, 4_194_304)]
    public void A_size_is_in_the_bucket_of_the_first_bound_that_it_does_not_exceed(long size, double bound)
    {
        var sizes = Histogram.OfSizes();
        sizes.Add(size);
        Assert.Equal(bound, Assert.Single(sizes.Snapshot().Buckets, b => b.Count == 1).UpTo);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var times = Histogram.OfTimes();
        times.Add(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            times.Add(i * 1000L);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
