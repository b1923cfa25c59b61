using System.Globalization;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Which folder of a flat-file store a key lies in (go-ds-flatfs, "shard.go"). The store's <c>SHARDING</c> file names it, such as
/// <c>/repo/flatfs/shard/v1/next-to-last/2</c>.
/// </summary>
internal sealed class ShardFunction
{
    private const string Prefix = "/repo/flatfs/shard/v1/";
    private const int MaxNameLength = 64;
    private const char Filler = '_';

    private readonly string _name;
    private readonly int _length;

    private ShardFunction(string name, int length)
    {
        _name = name;
        _length = length;
    }

    /// <summary>Gets Kubo's function, which this module creates: the two characters before the last.</summary>
    public static ShardFunction Default { get; } = new("next-to-last", 2);

    /// <summary>Reads the text of a <c>SHARDING</c> file; null when it names no function known here.</summary>
    public static ShardFunction? TryParse(string text)
    {
        text = text.Trim();
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = text[Prefix.Length..].Split('/');
        return parts is ["prefix" or "suffix" or "next-to-last", var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            && length is > 0 and <= MaxNameLength
            ? new ShardFunction(parts[0], length)
            : null;
    }

    /// <summary>Returns the folder of a key; a key that is too short is filled up with underscores.</summary>
    public string FolderOf(string key)
    {
        switch (_name)
        {
            case "prefix":
                return key.PadRight(_length, Filler)[.._length];
            case "suffix":
                return key.PadLeft(_length, Filler)[^_length..];
            default:
                return key.PadLeft(_length + 1, Filler)[^(_length + 1)..^1];
        }
    }

    /// <summary>Returns the function as a <c>SHARDING</c> file names it.</summary>
    public override string ToString() => $"{Prefix}{_name}/{_length.ToString(CultureInfo.InvariantCulture)}";
}
