namespace Bitswap.Dag.Walk;

/// <summary>Represents a link that a walk has yet to follow, or followed.</summary>
internal sealed class WalkNode(Cid cid, WalkNode? parent, string? name, long? claimed)
{
    public Cid Cid { get; } = cid;

    /// <summary>Gets the size of the block, where it has no links, as the block above says; null where that says nothing.</summary>
    public long? Claimed { get; } = claimed;

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
