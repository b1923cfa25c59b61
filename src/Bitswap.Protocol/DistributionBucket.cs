namespace Bitswap.Protocol;

/// <summary>The values of a <see cref="Distribution"/> that are over the bound of the bucket before and not over this one's.</summary>
/// <param name="UpTo">The bound, in the unit of the values; infinite in the last bucket.</param>
/// <param name="Count">How many values lie there.</param>
public readonly record struct DistributionBucket(double UpTo, long Count);
