using System.Globalization;
using System.Text;

namespace Bitswap.Graphs;

/// <summary>Collects a walk, and writes it as text that other programs draw. Every name is escaped: it may come from anybody.</summary>
internal sealed class GraphText
{
    private readonly List<BitswapDagNode> _rows = [];
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<BitswapDagNode> _blocks = [];

    /// <summary>Takes what a walk came upon.</summary>
    public void Add(BitswapDagNode node)
    {
        _rows.Add(node);
        if (_numbers.TryAdd(node.Cid, _blocks.Count))
        {
            _blocks.Add(node);
        }
    }

    /// <summary>The graph in the given form: Tree, Mermaid or Dot. Ends with a newline.</summary>
    public string Write(string form) => form switch
    {
        "Mermaid" => WriteMermaid(),
        "Dot" => WriteDot(),
        _ => WriteTree(),
    };

    private string WriteTree()
    {
        StringBuilder text = new();
        foreach (BitswapDagNode row in _rows)
        {
            text.Append(row.Tree).Append(row.Label).Append("  ").Append(About(row)).Append("  ").Append(row.Cid).Append('\n');
        }

        return text.ToString();
    }

    // mermaid.js.org/syntax/flowchart.html: in quotes, # starts an entity code
    private string WriteMermaid()
    {
        StringBuilder text = new("flowchart LR\n");
        for (int i = 0; i < _blocks.Count; i++)
        {
            BitswapDagNode block = _blocks[i];
            text.Append(CultureInfo.InvariantCulture, $"    n{i}[\"{Mermaid(block.Label)}<br/>{Mermaid(About(block))}<br/>{Display.Short(block.Cid)}\"]\n");
        }

        foreach ((int from, int to, string? name) in Edges())
        {
            string label = name is null ? "" : $"|\"{Mermaid(Display.Name(name))}\"|";
            text.Append(CultureInfo.InvariantCulture, $"    n{from} -->{label} n{to}\n");
        }

        string absent = string.Join(',', Enumerable.Range(0, _blocks.Count).Where(i => !IsThere(_blocks[i])).Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i}")));
        if (absent.Length > 0)
        {
            text.Append("    classDef absent stroke:#c00,color:#c00,stroke-dasharray:4 3\n").Append(CultureInfo.InvariantCulture, $"    class {absent} absent\n");
        }

        return text.ToString();
    }

    // graphviz.org/doc/info/lang.html
    private string WriteDot()
    {
        StringBuilder text = new("digraph dag {\n    rankdir=LR;\n    node [shape=box, fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\"];\n");
        for (int i = 0; i < _blocks.Count; i++)
        {
            BitswapDagNode block = _blocks[i];
            string style = IsThere(block) ? "" : ", style=dashed, color=red, fontcolor=red";
            text.Append(
                CultureInfo.InvariantCulture,
                $"    n{i} [label=\"{Dot(block.Label)}\\n{Dot(About(block))}\\n{Display.Short(block.Cid)}\", tooltip=\"{block.Cid}\"{style}];\n");
        }

        foreach ((int from, int to, string? name) in Edges())
        {
            string label = name is null ? "" : $" [label=\"{Dot(Display.Name(name))}\"]";
            text.Append(CultureInfo.InvariantCulture, $"    n{from} -> n{to}{label};\n");
        }

        return text.Append("}\n").ToString();
    }

    // links that say the same are one line in a drawing: a file of zeros links to one block a thousand times
    private IEnumerable<(int From, int To, string? Name)> Edges() => _rows
        .Where(row => row.Parent is not null && _numbers.ContainsKey(row.Parent))
        .Select(row => (_numbers[row.Parent!], _numbers[row.Cid], row.Name))
        .Distinct();

    private static bool IsThere(BitswapDagNode node) => node.State is "Stored" or "Repeated";

    private static string About(BitswapDagNode node)
    {
        string what = IsThere(node) ? node.Type ?? "" : node.State.ToLowerInvariant();
        string size = node.Size is null ? "" : $", {Display.Bytes(node.Size)}";
        string links = node.Hidden == 0 || node.State == "Repeated" ? "" : string.Create(CultureInfo.InvariantCulture, $", {node.Hidden} more links");
        return what + size + links;
    }

    private static string Mermaid(string text) => text
        .Replace("#", "#35;", StringComparison.Ordinal).Replace("\"", "#quot;", StringComparison.Ordinal).Replace("&", "#amp;", StringComparison.Ordinal)
        .Replace("<", "#lt;", StringComparison.Ordinal).Replace(">", "#gt;", StringComparison.Ordinal).Replace("`", "#96;", StringComparison.Ordinal);

    private static string Dot(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
