using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.Links;

/// <summary>Collects the links of one block, and what in it is not canonical, and follows a path through it.</summary>
/// <param name="limits">How many links there may be, and how deep maps and lists may stand in one another.</param>
/// <param name="path">The path, or null.</param>
internal sealed class LinkSink(DagLimits limits, ValuePath? path = null)
{
    private List<DagLink>? _links;

    public IReadOnlyList<DagLink> Links => _links ?? (IReadOnlyList<DagLink>)[];

    /// <summary>Gets the first thing in the block that an encoder writes otherwise, and where; null when there is none.</summary>
    public string? Deviation { get; private set; }

    public void Add(Cid cid, string? name = null)
    {
        _links ??= [];
        if (_links.Count == limits.MaxLinks)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, $"It has more than {limits.MaxLinks} links.");
        }

        _links.Add(new DagLink(cid, name));
    }

    /// <summary>Adds a link that stands in so many maps and lists.</summary>
    public void AddAt(int depth, Cid cid)
    {
        Add(cid);
        path?.Reach(depth, cid);
    }

    /// <summary>Goes from a map that stands in so many others to the value of a key.</summary>
    public void EnterKey(int depth, ReadOnlySpan<byte> key) => path?.Enter(depth + 1, key, -1);

    /// <summary>Goes from a list that stands in so many others to the value at a place.</summary>
    public void EnterPlace(int depth, long place) => path?.Enter(depth + 1, default, place);

    /// <summary>Refuses a map or list that stands in as many others as is allowed.</summary>
    public void CheckDepth(int depth)
    {
        if (depth >= limits.MaxNesting)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, "Lists and maps stand deeper in one another than the limit allows.");
        }
    }

    /// <summary>Notes something that is read and that an encoder writes otherwise.</summary>
    public void Deviate(string what, long position) => Deviation ??= $"{what} (at byte {position})";
}

/// <summary>Represents a link in a block, and the name it stands under where the codec gives links names.</summary>
/// <param name="Cid">The block that the link leads to.</param>
/// <param name="Name">The name, or null.</param>
internal readonly record struct DagLink(Cid Cid, string? Name);
