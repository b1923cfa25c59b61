namespace Bitswap.Multiformats.Bases;

/// <summary>Turns an alphabet into a table from ASCII character to value.</summary>
internal static class AlphabetTable
{
    /// <summary>What a character outside the alphabet has in the table.</summary>
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
