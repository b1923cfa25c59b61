using System.Globalization;

namespace Bitswap.Hostile;

/// <summary>Options among the words of a command line.</summary>
internal static class OptionWords
{
    public static string Text(this string[] words, string name, string otherwise)
    {
        int place = Array.IndexOf(words, name);
        return place >= 0 && place + 1 < words.Length ? words[place + 1] : otherwise;
    }

    public static int Number(this string[] words, string name, int otherwise) =>
        int.Parse(words.Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public static TimeSpan Seconds(this string[] words, double otherwise) =>
        TimeSpan.FromSeconds(double.Parse(words.Text("--seconds", otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture));
}
