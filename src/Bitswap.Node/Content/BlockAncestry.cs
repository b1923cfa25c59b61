using System.Buffers.Binary;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;

namespace Bitswap.Node.Content;

/// <summary>
/// Remembers of the blocks that a session reads which links to which, so that a block that no peer is known to have can be looked for at those who have what is
/// above it: often only the root of a graph is announced. What was used longest ago is forgotten first, the first roots never. Thread-safe.
/// </summary>
internal sealed class BlockAncestry
{
    /// <summary>How many links are remembered; at the size of their keys, some 3 MiB.</summary>
    private const int MaxLinks = 65_536;

    private const int MaxRoots = 8;

    // Deeper than any file: a graph may be a chain.
    private const int MaxDepth = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, LinkedListNode<Parent>> _parents = [];
    private readonly LinkedList<Parent> _byUse = new();
    private readonly List<Cid> _roots = [];
    private int _links;

    /// <summary>Notes that a block was asked for: one that nothing read so far links to is a root.</summary>
    public void Asked(Cid cid)
    {
        lock (_lock)
        {
            if (ParentOf(cid) is { } parent)
            {
                _byUse.Remove(parent);
                _byUse.AddLast(parent);
            }
            else if (_roots.Count < MaxRoots && !_roots.Contains(cid))
            {
                _roots.Add(cid);
            }
        }
    }

    /// <summary>Notes the links of a block that was read.</summary>
    public void Read(Cid cid, ReadOnlyMemory<byte> block)
    {
        if (DagLinks.IsLeaf(cid.Codec) || !DagLinks.IsSupported(cid.Codec))
        {
            return;
        }

        IReadOnlyList<Cid> links;
        try
        {
            links = DagLinks.Read(cid, block);
        }
        catch (DagException)
        {
            // The reader of the block tells what is wrong with it.
            return;
        }

        if (links.Count > 0)
        {
            Add(new Parent(cid, [.. links.Select(KeyOf).OfType<ulong>().Distinct().Take(MaxLinks)]));
        }
    }

    /// <summary>Returns the blocks above one, the nearest first and the root last; those between are left out where there are more than <paramref name="maxCount"/>.</summary>
    public IReadOnlyList<Cid> Of(Cid cid, int maxCount)
    {
        List<Cid> above = [];
        lock (_lock)
        {
            for (Cid at = cid; above.Count < MaxDepth && ParentOf(at) is { } parent && !above.Contains(parent.Value.Cid); at = parent.Value.Cid)
            {
                above.Add(parent.Value.Cid);
            }

            if (above.Count == 0 || !_roots.Contains(above[^1]))
            {
                // What led there is forgotten, or the graph is not known to hold it.
                above.AddRange(_roots.Where(root => !root.Equals(cid) && !above.Contains(root)));
            }
        }

        return above.Count <= maxCount || maxCount == 0 ? above[..Math.Min(maxCount, above.Count)] : [.. above[..(maxCount - 1)], above[^1]];
    }

    private void Add(Parent parent)
    {
        lock (_lock)
        {
            LinkedListNode<Parent> node = _byUse.AddLast(parent);
            foreach (ulong key in parent.Links)
            {
                _parents[key] = node;
            }

            _links += parent.Links.Length;
            while (_links > MaxLinks && _byUse.First is { } oldest)
            {
                _byUse.Remove(oldest);
                _links -= oldest.Value.Links.Length;
                foreach (ulong key in oldest.Value.Links)
                {
                    // A block that was read again, or has two parents, is another's by now.
                    if (_parents.GetValueOrDefault(key) == oldest)
                    {
                        _parents.Remove(key);
                    }
                }
            }
        }
    }

    private LinkedListNode<Parent>? ParentOf(Cid cid) => KeyOf(cid) is { } key ? _parents.GetValueOrDefault(key) : null;

    // Eight bytes of a digest: that two are alike costs a useless search.
    private static ulong? KeyOf(Cid cid) =>
        cid.Hash.Digest.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(cid.Hash.Digest[^sizeof(ulong)..]) : null;

    private sealed record Parent(Cid Cid, ulong[] Links);
}
