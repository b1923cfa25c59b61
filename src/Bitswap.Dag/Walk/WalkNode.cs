using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;

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

    /// <summary>Gets or sets what comes right after this one.</summary>
    public WalkNode? Next { get; set; }

    /// <summary>Gets or sets the question for the block; null before it was asked.</summary>
    public WalkAsk? Ask { get; set; }

    /// <summary>Gets or sets whether it counts among the links that wait to be followed: the block above had its turn.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Gets whether the links were read.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Gets or sets whether the links are not to be read before its turn.</summary>
    public bool StaysClosed { get; set; }

    /// <summary>Gets what the links lead to, but for what had its turn already; until it has its own turn.</summary>
    public IReadOnlyList<WalkNode> Children { get; private set; } = [];

    /// <summary>Gets or sets whether the links were read before its turn, which has not come.</summary>
    public bool IsAhead { get; set; }

    public bool HasLinks { get; private set; }

    /// <summary>Gets why the links cannot be read.</summary>
    public DagException? Failure { get; private set; }

    private string? Name { get; } = name;

    /// <summary>Notes the links.</summary>
    public void Opened(IReadOnlyList<WalkNode> children, bool hasLinks)
    {
        IsOpen = true;
        Children = children;
        HasLinks = hasLinks;
    }

    /// <summary>Notes that the links cannot be read.</summary>
    public void Failed(DagException failure)
    {
        IsOpen = true;
        Failure = failure;
    }

    /// <summary>Forgets the links until its turn.</summary>
    public void Close()
    {
        IsOpen = false;
        StaysClosed = true;
        Children = [];
    }

    /// <summary>Lets go of all but what it is: as the parent of others it lives on.</summary>
    public void Leave()
    {
        Next = null;
        Ask = null;
        Children = [];
    }
}
