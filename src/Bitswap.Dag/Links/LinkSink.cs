namespace Bitswap.Dag.Links;

/// <summary>Collects the links of one block up to a number, and what in it is not canonical.</summary>
internal sealed class LinkSink(int most)
{
    private List<DagLink>? _links;

    public IReadOnlyList<DagLink> Links => _links ?? (IReadOnlyList<DagLink>)[];

    /// <summary>The first thing in the block that an encoder writes otherwise, and where; null when there is none.</summary>
    public string? Deviation { get; private set; }

    public void Add(Cid cid, string? name = null)
    {
        _links ??= [];
        if (_links.Count == most)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, $"It has more than {most} links.");
        }

        _links.Add(new DagLink(cid, name));
    }

    /// <summary>Notes something that is read and that an encoder writes otherwise.</summary>
    public void Deviate(string what, long position) => Deviation ??= $"{what} (at byte {position})";
}
