using System.Globalization;

namespace Bitswap.Multiformats.Abstractions;

/// <summary>What of a foreign text goes into a message: bounded, and printable.</summary>
internal static class Excerpt
{
    private const int Longest = 100;

    public static string Of(ReadOnlySpan<char> text)
    {
        bool cut = text.Length > Longest;
        return string.Create((cut ? Longest : text.Length) + (cut ? 3 : 0), new Source(text, cut), static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                char c = source.Cut && i >= Longest ? '.' : source.Text[i];
                target[i] = IsPrintable(c) ? c : '\uFFFD';
            }
        });
    }

    // Neither controls, which move a terminal's cursor, nor format characters, which turn the text around, nor halves of a pair cut here.
    private static bool IsPrintable(char c) => char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private readonly ref struct Source(ReadOnlySpan<char> text, bool cut)
    {
        public readonly ReadOnlySpan<char> Text = text;
        public readonly bool Cut = cut;
    }
}
