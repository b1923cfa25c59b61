namespace Bitswap.Multiformats.Bases;

/// <summary>Represents one base of the multibase table, without its prefix.</summary>
internal abstract class TextBase(string prefix, string name)
{
    /// <summary>Gets the multibase prefix: one character, or a surrogate pair.</summary>
    public string Prefix { get; } = prefix;

    /// <summary>Gets the name in the multibase table.</summary>
    public string Name { get; } = name;

    /// <summary>Encodes behind <paramref name="prefix"/>, which may be empty.</summary>
    public abstract string Encode(ReadOnlySpan<byte> data, string prefix);

    /// <summary>Returns an upper bound of the bytes that a text of <paramref name="length"/> characters decodes to.</summary>
    public abstract int MaxDecodedLength(int length);

    /// <summary>
    /// Decodes into <paramref name="destination"/>, which holds <see cref="MaxDecodedLength"/> bytes.
    /// Returns what is wrong with the text, or null. <paramref name="origin"/> is the position of the text in what
    /// the user gave, for the message.
    /// </summary>
    public abstract string? Decode(ReadOnlySpan<char> text, int origin, Span<byte> destination, out int written);

    /// <summary>Returns the message for a character that the base does not have.</summary>
    protected string Stray(char c, int position) =>
        $"character {Describe(c)} at position {position} is not one of {Name}";

    internal static string Describe(char c) => c is > ' ' and < '\u007F' ? $"'{c}'" : $"U+{(int)c:X4}";
}

/// <summary>Turns an alphabet into a table from ASCII character to value.</summary>
internal static class AlphabetTable
{
    /// <summary>The value of a character that is not in the alphabet.</summary>
    public const byte None = 0xFF;

    public static byte[] Build(string alphabet, bool anyCase)
    {
        var values = new byte[128];
        values.AsSpan().Fill(None);
        for (int i = 0; i < alphabet.Length; i++)
        {
            values[alphabet[i]] = (byte)i;
            if (anyCase)
            {
                values[char.ToLowerInvariant(alphabet[i])] = (byte)i;
                values[char.ToUpperInvariant(alphabet[i])] = (byte)i;
            }
        }

        return values;
    }
}
