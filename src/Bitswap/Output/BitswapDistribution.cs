using System.Globalization;

namespace Bitswap;

/// <summary>How something that was measured many times is spread. Percentiles are exact to an eighth of their value.</summary>
/// <param name="Count">How many values there were.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">The value that half of them do not exceed.</param>
/// <param name="P90">The value that nine in ten do not exceed.</param>
/// <param name="P99">The value that ninety-nine in a hundred do not exceed.</param>
/// <param name="Max">The largest.</param>
public sealed record BitswapDistribution(long Count, double Mean, double P50, double P90, double P99, double Max)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count}: {P50:0.######} {P90:0.######} {P99:0.######}, most {Max:0.######}");
}
