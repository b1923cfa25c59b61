using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;
using Bitswap.Binding;
using Bitswap.Node;

namespace Bitswap.Completion;

/// <summary>The options of a node with their help, which is that of the topic about_Bitswap: a name, its range and default in parentheses, and the lines below it.</summary>
internal static partial class OptionHelp
{
    private static readonly Lazy<(string Name, string About)[]> _all = new(Read);

    /// <summary>Every option; none where the topic is not there.</summary>
    public static IReadOnlyList<(string Name, string About)> All => _all.Value;

    /// <summary>Those that a running node takes.</summary>
    public static IReadOnlyList<(string Name, string About)> Live => [.. All.Where(option => LiveNames.Contains(option.Name, StringComparer.Ordinal))];

    /// <summary>The names of those that a running node takes, as <c>NodeHost.LiveOptions</c> has them. They stand here so that an import of the module loads no node.</summary>
    internal static IReadOnlyList<string> LiveNames { get; } =
    [
        "BroadcastWindow", "ClientOnly", "MaxOutstandingWants", "MaxRedials", "MaxSessionPeers", "MaxUnwantedBytes", "MaxWants", "PeerUploadRate", "PeerWantExpiry", "UploadRate",
    ];

    /// <summary>What PowerShell completes inside a table that is given to <c>-Option</c>: a note for each option, whose value is its help.</summary>
    public static TypeData[] TypeData() => [Notes(typeof(StartOptions), All), Notes(typeof(LiveOptions), Live)];

    private static TypeData Notes(Type type, IReadOnlyList<(string Name, string About)> options)
    {
        TypeData data = new(type);
        foreach ((string name, string about) in options)
        {
            data.Members.Add(name, new NotePropertyData(name, about));
        }

        return data;
    }

    private static (string Name, string About)[] Read()
    {
        string topic = Path.Combine(Path.GetDirectoryName(typeof(OptionHelp).Assembly.Location)!, "en-US", "about_Bitswap.help.txt");
        if (!File.Exists(topic))
        {
            return [];
        }

        List<(string Name, string About)> options = [];
        (string Name, string Range)? current = null;
        List<string> about = [];
        foreach (string line in File.ReadLines(topic).Append(""))
        {
            if (current is not null && line.StartsWith("        ", StringComparison.Ordinal))
            {
                about.Add(line.Trim());
                continue;
            }

            if (current is { } done)
            {
                options.Add((done.Name, $"{string.Join(' ', about)} ({done.Range})"));
            }

            about.Clear();
            Match heading = Heading().Match(line);
            current = heading.Success ? (heading.Groups[1].Value, heading.Groups[2].Value) : null;
        }

        return [.. options];
    }

    [GeneratedRegex(@"^    (\w+)  \((.+)\)$")]
    private static partial Regex Heading();
}
