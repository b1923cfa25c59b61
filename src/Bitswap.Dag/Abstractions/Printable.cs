using System.Globalization;
using System.Text;

namespace Bitswap.Dag.Abstractions;

/// <summary>Makes a foreign text fit for a message: characters that move the cursor, or turn the direction of what follows, are written as their codes.</summary>
internal static class Printable
{
    private const int MaxRunes = 255;

    /// <summary>Returns the text, shortened when it is long.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder shown = new(text.Length);
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (++count > MaxRunes)
            {
                return shown.Append("...").ToString();
            }

            if (IsPlain(rune))
            {
                shown.Append(rune.ToString());
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            }
        }

        return shown.ToString();
    }

    // bidirectional controls: Unicode TR9, 2.0
    private static bool IsPlain(Rune rune) => rune.Value is not (0x61C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
