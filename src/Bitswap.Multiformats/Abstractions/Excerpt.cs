using System.Globalization;

namespace Bitswap.Multiformats.Abstractions;

/// <summary>Makes the part of a foreign text that goes into a message: bounded, and printable.</summary>
internal static class Excerpt
{
    private const int MaxLength = 100;

    public static string Of(ReadOnlySpan<char> text)
    {
        bool cut = text.Length > MaxLength;
        return string.Create((cut ? MaxLength : text.Length) + (cut ? 3 : 0), new Source(text, cut), static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                char c = source.Cut && i >= MaxLength ? '.' : source.Text[i];
                target[i] = IsPrintable(c) ? c : '\uFFFD';
            }
        });
    }

    // Controls move a terminal's cursor, format characters turn the text around, and a surrogate may be half of a pair that was cut.
    private static bool IsPrintable(char c) => char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private readonly ref struct Source(ReadOnlySpan<char> text, bool cut)
    {
        public readonly ReadOnlySpan<char> Text = text;
        public readonly bool Cut = cut;
    }
}
