namespace Bitswap.Values;

/// <summary>Texts with their middle left out, for tables and lines.</summary>
internal static class ShortText
{
    /// <summary>The columns that a shortened CID or peer id takes.</summary>
    private const int IdWidth = 19;

    /// <summary>Returns a CID or peer id with its middle left out; empty for null.</summary>
    public static string Of(string? id) => Fit(id, IdWidth);

    /// <summary>Returns a text with as much of its middle left out as it takes to fit a column of 3 characters or more; empty for null.</summary>
    public static string Fit(string? value, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 3);
        string text = value ?? "";
        if (text.Length <= width)
        {
            return text;
        }

        // the beginning tells what it is, the end which one; and no half of a character on either side
        int head = (width / 2) + 1;
        int tail = text.Length - (width - head - 1);
        head -= char.IsHighSurrogate(text[head - 1]) ? 1 : 0;
        tail += tail < text.Length && char.IsLowSurrogate(text[tail]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, head), "…", text.AsSpan(tail));
    }
}
