namespace Bitswap.Multiformats.Bases;

/// <summary>Represents the identity base: a character U+0000 to U+00FF a byte, so that no byte sequence is lost in a .NET string.</summary>
internal sealed class IdentityBase() : TextBase("\0", "identity")
{
    public override string Encode(ReadOnlySpan<byte> data, string prefix) =>
        prefix + System.Text.Encoding.Latin1.GetString(data);

    public override int MaxDecodedLength(int length) => length;

    public override string? Decode(ReadOnlySpan<char> text, int origin, Span<byte> destination, out int written)
    {
        written = 0;
        int foreign = text.IndexOfAnyExceptInRange('\0', '\u00FF');
        if (foreign >= 0)
        {
            return Stray(text[foreign], origin + foreign);
        }

        written = System.Text.Encoding.Latin1.GetBytes(text, destination);
        return null;
    }
}
