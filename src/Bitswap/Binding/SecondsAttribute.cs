using System.Management.Automation;

namespace Bitswap.Binding;

/// <summary>Marks a number of seconds, which may be given as a <see cref="TimeSpan"/> too. Where 0 is for ever, so is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Unwrap.Base(inputData) is TimeSpan time ? time == Timeout.InfiniteTimeSpan ? 0.0 : time.TotalSeconds : inputData;
}
