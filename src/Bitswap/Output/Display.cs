using System.Globalization;
using System.Text;
using Bitswap.Pipeline;

namespace Bitswap;

/// <summary>How the module's table views write values. Objects stay exact; only what is seen is shortened.</summary>
public static class Display
{
    private const int Head = 10;
    private const int Tail = 8;

    /// <summary>A byte count in the largest binary unit it fills; empty for null.</summary>
    /// <param name="value">Bytes.</param>
    public static string Bytes(object? value) =>
        value is null ? "" : ByteSize.Format((long)Convert.ToDouble(value, CultureInfo.InvariantCulture));

    /// <summary>A CID or peer id with its middle left out; empty for null.</summary>
    /// <param name="value">What has the text.</param>
    public static string Short(object? value)
    {
        string text = value?.ToString() ?? "";
        return text.Length <= Head + Tail + 1 ? text : string.Concat(text.AsSpan(0, Head), "…", text.AsSpan(text.Length - Tail));
    }

    /// <summary>Where a file is, below the CID that was asked for, with the target of a symlink; its name where that is all there is.</summary>
    /// <param name="value">A <see cref="BitswapFile"/>.</param>
    public static string PathOf(object? value)
    {
        if ((value is System.Management.Automation.PSObject wrapped ? wrapped.BaseObject : value) is not BitswapFile file)
        {
            return "";
        }

        const string prefix = "/ipfs/";
        int slash = file.Path.StartsWith(prefix, StringComparison.Ordinal) ? file.Path.IndexOf('/', prefix.Length) : -1;
        string path = slash < 0 ? file.Name : file.Path[(slash + 1)..];
        return Name(file.Target is null ? path : $"{path} -> {file.Target}");
    }

    /// <summary>A count of bytes and of what they are in, such as <c>1.5 MiB in 6 blocks</c>.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <param name="blocks">How many blocks.</param>
    public static string Volume(object? bytes, object? blocks) => $"{Bytes(bytes)} in {blocks} {(Equals(blocks, 1L) ? "block" : "blocks")}";

    /// <summary>The middle and the tail of a distribution of seconds; empty where nothing was measured.</summary>
    /// <param name="value">A <see cref="BitswapDistribution"/>.</param>
    public static string Times(object? value) =>
        value is BitswapDistribution { Count: > 0 } times
            ? $"{Seconds(times.P50)} median, {Seconds(times.P90)} 90 %, {Seconds(times.P99)} 99 %, {Seconds(times.Max)} most ({times.Count})"
            : "";

    /// <summary>The middle and the tail of a distribution of byte counts; empty where nothing was measured.</summary>
    /// <param name="value">A <see cref="BitswapDistribution"/>.</param>
    public static string Sizes(object? value) =>
        value is BitswapDistribution { Count: > 0 } sizes ? $"{Bytes(sizes.P50)} median, {Bytes(sizes.P90)} 90 %, {Bytes(sizes.Max)} most ({sizes.Count})" : "";

    private static string Seconds(double value) => Time(TimeSpan.FromSeconds(value));

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
