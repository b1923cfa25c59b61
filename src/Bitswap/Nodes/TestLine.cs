using System.Collections;
using System.Globalization;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Node.Networks.Memory;

namespace Bitswap.Nodes;

/// <summary>How a line behaves, by the names that people write.</summary>
internal static class TestLine
{
    /// <summary>A line with one setting changed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of the line's range, when the line is used.</exception>
    public static MemoryLineOptions With(MemoryLineOptions line, string name, object? value) => name.ToLowerInvariant() switch
    {
        // out of what a TimeSpan holds is out of range all the same
        "latencymilliseconds" => line with { Latency = TimeSpan.FromMilliseconds(Math.Clamp(Number(value), -1, 1e9)) },
        "bytespersecond" => line with { BytesPerSecond = System.Convert.ToInt64(value, CultureInfo.InvariantCulture) },
        "loss" => line with { Loss = Number(value) },
        "corruption" => line with { Corruption = Number(value) },
        _ => throw new FormatException("there is no such setting; there are LatencyMilliseconds, BytesPerSecond, Loss and Corruption."),
    };

    /// <summary>A line of a table of settings.</summary>
    /// <exception cref="BitswapException">InvalidOption.</exception>
    public static MemoryLineOptions From(IDictionary settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        MemoryLineOptions line = new();
        foreach (DictionaryEntry entry in settings)
        {
            string name = entry.Key.ToString() ?? "";
            try
            {
                line = With(line, name, Unwrap.Base(entry.Value));
                line.EnsureValid();
            }
            catch (Exception bad) when (bad is FormatException or InvalidCastException or OverflowException or ArgumentException)
            {
                Fault fault = Faults.InvalidOption(name, bad.Message);
                throw new BitswapException(fault.ErrorId, fault.Message, fault.Remedy, name);
            }
        }

        return line;
    }

    private static double Number(object? value) => System.Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
