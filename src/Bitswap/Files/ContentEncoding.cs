using System.Text;
using Bitswap.Errors;

namespace Bitswap.Files;

/// <summary>Encodings by the names that PowerShell's own cmdlets take.</summary>
internal static class ContentEncoding
{
    /// <summary>The names that are offered.</summary>
    public static IReadOnlyList<string> Names { get; } = ["ascii", "bigendianunicode", "latin1", "unicode", "utf32", "utf8"];

    /// <summary>The encoding of a name, of the list or of .NET's own.</summary>
    /// <exception cref="FaultException">UnknownName.</exception>
    public static Encoding Find(string name)
    {
        switch (name.ToLowerInvariant())
        {
            case "utf8" or "utf8nobom" or "utf8bom" or "default":
                return Encoding.UTF8;
            case "unicode":
                return Encoding.Unicode;
            case "bigendianunicode":
                return Encoding.BigEndianUnicode;
            case "utf32":
                return Encoding.UTF32;
            case "latin1":
                return Encoding.Latin1;
        }

        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            throw new FaultException(Faults.UnknownName("encoding", name));
        }
    }
}
