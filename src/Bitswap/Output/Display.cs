using System.Globalization;
using System.Text;
using Bitswap.Binding;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap;

/// <summary>How the module's table views write values. Objects stay exact; only what is seen is shortened.</summary>
public static class Display
{
    /// <summary>The columns that the name of a node takes above a table.</summary>
    private const int GroupWidth = 60;

    private const string Thousands = "kMGTPE";

    /// <summary>A byte count in the largest binary unit it fills; empty for null.</summary>
    /// <param name="value">Bytes.</param>
    public static string Bytes(object? value) =>
        value is null ? "" : ByteSize.Format((long)Convert.ToDouble(value, CultureInfo.InvariantCulture));

    /// <summary>A CID or peer id with its middle left out, as tables show it; empty for null.</summary>
    /// <param name="value">What has the text.</param>
    public static string Short(object? value) => ShortText.Of(value?.ToString());

    /// <summary>A text with as much of its middle left out as it takes to fit a column; empty for null.</summary>
    /// <param name="value">What has the text.</param>
    /// <param name="width">The most characters, 3 or more.</param>
    public static string Fit(object? value, int width) => ShortText.Fit(value?.ToString(), width);

    /// <summary>Where a file is, below the CID that was asked for, with the target of a symlink; its name where that is all there is.</summary>
    /// <param name="path">The path from the CID on.</param>
    /// <param name="name">The name.</param>
    /// <param name="target">Where a symlink leads; empty for what is none.</param>
    public static string PathOf(string path, string name, string target)
    {
        const string prefix = "/ipfs/";
        int slash = path.StartsWith(prefix, StringComparison.Ordinal) ? path.IndexOf('/', prefix.Length) : -1;
        string shown = slash < 0 ? name : path[(slash + 1)..];
        return Name(string.IsNullOrEmpty(target) ? shown : $"{shown} -> {target}");
    }

    /// <summary>A count that fits a column: one that is too long is rounded to thousands (k), millions (M) and so on, since half of its digits would be another; empty for null.</summary>
    /// <param name="value">The count.</param>
    /// <param name="width">The most characters, 5 or more.</param>
    public static string Count(object? value, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 5);
        if (value is null)
        {
            return "";
        }

        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (text.Length <= width)
        {
            return text;
        }

        double rounded = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        int thousands = -1;
        do
        {
            rounded /= 1000;
            thousands++;
        }
        while (Math.Abs(rounded) >= 999.5 && thousands < Thousands.Length - 1);

        string unit = Thousands[thousands..(thousands + 1)];
        string exact = rounded.ToString("0.#", CultureInfo.InvariantCulture) + unit;
        return exact.Length <= width ? exact : rounded.ToString("0", CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>A count of bytes and of what they are in, such as <c>1.5 MiB in 6 blocks</c>.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <param name="blocks">How many blocks.</param>
    public static string Volume(object? bytes, object? blocks) => $"{Bytes(bytes)} in {blocks} {(Equals(blocks, 1L) ? "block" : "blocks")}";

    /// <summary>The middle and the tail of a distribution of seconds; empty where nothing was measured.</summary>
    /// <param name="value">A <see cref="BitswapDistribution"/>, or what a serializer made of one.</param>
    public static string Times(object? value) => Number(value, "Count") is > 0 and var count
        ? $"{Seconds(value, "P50")} median, {Seconds(value, "P90")} 90 %, {Seconds(value, "P99")} 99 %, {Seconds(value, "Max")} max ({count})"
        : "";

    /// <summary>The middle and the tail of a distribution of byte counts; empty where nothing was measured.</summary>
    /// <param name="value">A <see cref="BitswapDistribution"/>, or what a serializer made of one.</param>
    public static string Sizes(object? value) => Number(value, "Count") is > 0 and var count
        ? $"{Bytes(Number(value, "P50"))} median, {Bytes(Number(value, "P90"))} 90 %, {Bytes(Number(value, "Max"))} max ({count})"
        : "";

    private static double Number(object? value, string property) => Convert.ToDouble(Unwrap.Property(value, property), CultureInfo.InvariantCulture);

    private static string Seconds(object? value, string property) => Time(TimeSpan.FromSeconds(Number(value, property)));

    /// <summary>A time in the unit that suits it; empty for null.</summary>
    /// <param name="value">A <see cref="TimeSpan"/>.</param>
    public static string Time(object? value)
    {
        if (value is not TimeSpan time)
        {
            return "";
        }

        FormattableString text = time.TotalSeconds switch
        {
            < 1 => $"{time.TotalMilliseconds:0.0} ms",
            < 60 => $"{time.TotalSeconds:0.0} s",
            < 3600 => $"{(int)time.TotalMinutes} m {time.Seconds} s",
            < 86_400 => $"{(int)time.TotalHours} h {time.Minutes} m",
            _ => $"{(int)time.TotalDays} d {time.Hours} h",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The time of day of a moment, here; empty for null.</summary>
    /// <param name="value">A <see cref="DateTimeOffset"/>, or what a serializer made of one.</param>
    /// <param name="format">How it is written, such as <c>HH:mm:ss</c>.</param>
    public static string Clock(object? value, string format) => (value as DateTimeOffset? ?? Unwrap.Property(value, "UtcDateTime") as DateTime?) is { } moment
        ? moment.ToLocalTime().ToString(format, CultureInfo.InvariantCulture)
        : "";

    /// <summary>A name that may come from anybody, safe to show: what would move the cursor, turn the text round or end the line is replaced.</summary>
    /// <param name="value">What has the text; empty for null.</param>
    public static string Name(object? value)
    {
        string text = value?.ToString() ?? "";
        StringBuilder? safe = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (IsSafe(text, i))
            {
                safe?.Append(text[i]);
            }
            else
            {
                safe ??= new StringBuilder(text, 0, i, text.Length);
                safe.Append('\uFFFD');
            }
        }

        return safe?.ToString() ?? text;
    }

    /// <summary>A name as <see cref="Name(object)"/> gives it, with as much of its middle left out as it takes to fit a column.</summary>
    /// <param name="value">What has the text; empty for null.</param>
    /// <param name="width">The most characters, 3 or more.</param>
    public static string Name(object? value, int width) => Fit(Name(value), width);

    /// <summary>The node above a table: null where one node alone runs, of which all is then.</summary>
    /// <param name="node">The name of the node, as the objects of the table have it.</param>
    public static string? Group(object? node) =>
        NodeRegistry.Running is var running && (running.Count > 1 || (running.Count == 1 && node is not null && running[0].Name != node.ToString())) ? Name(node, GroupWidth) : null;

    private static bool IsSafe(string text, int i) => char.GetUnicodeCategory(text[i]) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Surrogate => char.IsHighSurrogate(text[i])
            ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])
            : i > 0 && char.IsHighSurrogate(text[i - 1]),

        // joiners make letters and pictures; the marks of direction (Unicode, annex 9) make one name look like another
        UnicodeCategory.Format => text[i] is not ((>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C'),
        _ => true,
    };
}
