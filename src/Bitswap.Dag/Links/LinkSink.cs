namespace Bitswap.Dag.Links;

/// <summary>Collects the links of one block up to a number.</summary>
internal sealed class LinkSink(int most)
{
    private List<DagLink>? _links;

    public IReadOnlyList<DagLink> Links => _links ?? (IReadOnlyList<DagLink>)[];

    public void Add(Cid cid, string? name = null)
    {
        _links ??= [];
        if (_links.Count == most)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, $"It has more than {most} links.");
        }

        _links.Add(new DagLink(cid, name));
    }
}
