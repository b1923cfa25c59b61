namespace Bitswap.Multiformats;

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
                target[i] = char.IsControl(c) || (char.IsSurrogate(c) && i >= Longest - 1) ? '\uFFFD' : c;
            }
        });
    }

    private readonly ref struct Source(ReadOnlySpan<char> text, bool cut)
    {
        public readonly ReadOnlySpan<char> Text = text;
        public readonly bool Cut = cut;
    }
}
