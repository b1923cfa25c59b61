using System.Globalization;

namespace Bitswap.Benchmarks;

/// <summary>Reads the words of a command line.</summary>
internal static class Words
{
    /// <summary>Returns the number after a name; <paramref name="usual"/> where the name is not there.</summary>
    public static int Number(string[] words, string name, int usual)
    {
        int at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? int.Parse(words[at + 1], CultureInfo.InvariantCulture) : usual;
    }
}
