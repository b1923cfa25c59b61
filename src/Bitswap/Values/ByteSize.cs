using System.Globalization;

namespace Bitswap.Values;

/// <summary>Byte counts as people read them.</summary>
internal static class ByteSize
{
    private static readonly string[] _units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A count in the largest binary unit it fills, with at most one decimal.</summary>
    public static string Format(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (Math.Round(Math.Abs(value), 1) >= 1024 && unit < _units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {_units[unit]}");
    }
}
