namespace Bitswap.Protocol;

/// <summary>How the values of something that was measured many times are spread. Percentiles are exact to an eighth of their value.</summary>
/// <param name="Count">How many values there were.</param>
/// <param name="Sum">Their sum, in the unit of the values.</param>
/// <param name="P50">The value that half of them do not exceed; 0 when there are none.</param>
/// <param name="P90">The value that nine in ten do not exceed.</param>
/// <param name="P99">The value that ninety-nine in a hundred do not exceed.</param>
/// <param name="Max">The largest.</param>
/// <param name="Buckets">The same values counted between fixed bounds; the last bound is infinite.</param>
public sealed record Distribution(long Count, double Sum, double P50, double P90, double P99, double Max, IReadOnlyList<DistributionBucket> Buckets)
{
    /// <summary>A distribution of nothing.</summary>
    public static Distribution Empty { get; } = new(0, 0, 0, 0, 0, 0, []);

    /// <summary>The mean; 0 when there are none.</summary>
    public double Mean => Count == 0 ? 0 : Sum / Count;
}
