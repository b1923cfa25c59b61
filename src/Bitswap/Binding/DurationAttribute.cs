using System.Globalization;
using System.Management.Automation;

namespace Bitswap.Binding;

/// <summary>Marks a time that may be given as 48h, 30m, 90s or 2d, as a number of seconds, or as a <see cref="TimeSpan"/> or its text.</summary>
/// <param name="min">The fewest seconds.</param>
/// <param name="max">The most seconds.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(double min, double max) : ArgumentTransformationAttribute
{
    private const string Form = "Give a time such as 48h, 30m, 90s or 2d, a number of seconds, or a TimeSpan.";

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = Unwrap.Base(inputData);
        double seconds = value switch
        {
            // 2d is a decimal number to PowerShell, which keeps how it was typed
            decimal when inputData is PSObject typed && SecondsOf(typed.ToString()) is var read && !double.IsNaN(read) => read,
            TimeSpan time => time.TotalSeconds,
            string text => SecondsOf(text.Trim()),
            IConvertible number when LanguagePrimitives.TryConvertTo(number, CultureInfo.InvariantCulture, out double converted) => converted,
            _ => double.NaN,
        };
        return double.IsNaN(seconds)
            ? throw new ArgumentTransformationMetadataException($"'{value}' is no time. {Form}")
            : seconds >= min && seconds <= max
                ? TimeSpan.FromSeconds(seconds)
                : throw new ArgumentTransformationMetadataException($"{TimeSpan.FromSeconds(min)} to {TimeSpan.FromSeconds(max)} is possible, and '{value}' is not between them. {Form}");
    }

    private static double SecondsOf(string text)
    {
        double unit = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        if (double.TryParse(unit > 0 ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
        {
            return count * (unit > 0 ? unit : 1);
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) ? time.TotalSeconds : double.NaN;
    }
}
