using System.Globalization;

namespace Bitswap.Peer;

/// <summary>The words of a command line: options that take a value, switches, and the rest.</summary>
internal sealed class Arguments
{
    private static readonly HashSet<string> _switches = ["--cidv0", "--discard", "--stdin"];
    private readonly Dictionary<string, string> _values = [];

    public Arguments(IEnumerable<string> words)
    {
        using IEnumerator<string> word = words.GetEnumerator();
        while (word.MoveNext())
        {
            string name = word.Current;
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                Rest.Add(name);
            }
            else if (_switches.Contains(name))
            {
                _values[name] = "";
            }
            else
            {
                _values[name] = word.MoveNext() ? word.Current : throw new UsageException($"{name} needs a value.");
            }
        }
    }

    /// <summary>What is no option.</summary>
    public List<string> Rest { get; } = [];

    public bool Has(string name) => _values.ContainsKey(name);

    public string Text(string name, string fallback) => _values.GetValueOrDefault(name, fallback);

    public string Required(string name) => _values.GetValueOrDefault(name) ?? throw new UsageException($"{name} is needed.");

    public int Number(string name, int fallback) =>
        !_values.TryGetValue(name, out string? text) ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new UsageException($"{name} takes a number, not '{text}'.");

    /// <summary>The versions of --protocol, or all.</summary>
    public IReadOnlyList<BitswapVersion> Versions() => _values.TryGetValue("--protocol", out string? list)
        ? [.. list.Split(',').Select(ParseVersion)]
        : [BitswapVersion.V120, BitswapVersion.V110, BitswapVersion.V100, BitswapVersion.Unversioned];

    private static BitswapVersion ParseVersion(string text) => text switch
    {
        "1.2.0" => BitswapVersion.V120,
        "1.1.0" => BitswapVersion.V110,
        "1.0.0" => BitswapVersion.V100,
        "unversioned" => BitswapVersion.Unversioned,
        _ => throw new UsageException($"'{text}' is no Bitswap version."),
    };
}
