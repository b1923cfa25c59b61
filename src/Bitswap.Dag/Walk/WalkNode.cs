namespace Bitswap.Dag.Walk;

/// <summary>A link that a walk has yet to follow, or followed.</summary>
internal sealed class WalkNode(Cid cid, WalkNode? parent, string? name)
{
    public Cid Cid { get; } = cid;

    public WalkNode? Parent { get; } = parent;

    public Cid Root { get; } = parent?.Root ?? cid;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    // Made when it is asked for: few are.
    public string Path
    {
        get
        {
            List<string> names = [];
            for (WalkNode? node = this; node is not null; node = node.Parent)
            {
                if (node.Name is { } part)
                {
                    names.Add(part);
                }
            }

            names.Reverse();
            return string.Join('/', names);
        }
    }

    private string? Name { get; } = name;
}
