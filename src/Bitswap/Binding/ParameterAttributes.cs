using System.Management.Automation;

namespace Bitswap.Binding;

/// <summary>
/// Marks a parameter that takes one value. A list of one is that one; a longer or an empty one binds, and is refused with an error of this module when it is used, where
/// PowerShell would say that a method is not supported.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SingleValueAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Several.Of(inputData);
}

/// <summary>Marks a number of seconds, which may be given as a <see cref="TimeSpan"/> too. Where 0 is for ever, so is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Unwrap.Base(inputData) is TimeSpan time ? time == Timeout.InfiniteTimeSpan ? 0.0 : time.TotalSeconds : inputData;
}
