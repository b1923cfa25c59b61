using System.Runtime.InteropServices;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Walk;

/// <summary>
/// Follows the blocks of a graph that come depth first, each once, and says what is left of it where they break off. It keeps the links of the blocks on the way to the last one, and no more. Of
/// blocks in another order it says nothing.
/// </summary>
/// <param name="root">The block that the graph begins with.</param>
public sealed class DagCursor(Cid root)
{
    // Links that are kept.
    private const int MaxLinks = 1 << 18;

    // Blocks in a row that have no place: a few may come twice, and the way to what is left comes again where another source goes on.
    private const int MaxMisplaced = 16;

    // Places that are known and are none any more.
    private const int MaxStale = 1024;

    private static readonly ReadLimits _limits = new();

    // From the root down.
    private readonly List<Level> _levels = [];
    private readonly HashSet<Multihash> _path = [];

    // Where links are that were not come to: for each block the next one on top. It is made when a block comes that is not the next, and what is none any more goes when it is met.
    private Dictionary<Multihash, Place>? _places;
    private int _placed;

    // The last level that has links left; null where that is to be looked up.
    private int? _open;
    private int _links;
    private int _misplaced;
    private int _repeated;
    private bool _isBegun;

    /// <summary>Gets whether the blocks have another order, so that nothing can be said.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Takes the next block, which is verified.</summary>
    /// <param name="cid">Its CID.</param>
    /// <param name="data">Its bytes, of which nothing is kept.</param>
    /// <returns>The links of the block, which come next; none where nothing can be said.</returns>
    public IReadOnlyList<Cid> Take(Cid cid, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(cid);
        if (IsLost)
        {
            return [];
        }

        long offset = 0;
        bool isInFile = false;
        if (!_isBegun)
        {
            _isBegun = true;
            IsLost = !cid.Hash.Equals(root.Hash);
        }
        else if (Find(cid.Hash) is (int level, int link) and not (-1, _))
        {
            _misplaced = _repeated = 0;
            Cut(level + 1);
            _levels[level].Next = link + 1;
            _open = null;
            isInFile = _levels[level].IsFile;
            offset = isInFile ? _levels[level].Ends[link] - _levels[level].Sizes[link] : 0;
        }
        else
        {
            IsLost = _path.Contains(cid.Hash) ? ++_repeated > MaxMisplaced + _levels.Count : ++_misplaced > MaxMisplaced;
            return [];
        }

        return IsLost || DagLinks.IsLeaf(cid.Codec) ? [] : Open(cid, data, offset, isInFile);
    }

    /// <summary>Returns what is left, in the order of the graph: the rest of the file that broke off, and each graph below a link that was not come to and may have links itself.</summary>
    public IReadOnlyList<DagRest> Rest()
    {
        List<DagRest> rest = [];
        for (int i = IsLost ? -1 : _levels.Count - 1; i >= 0; i--)
        {
            Level level = _levels[i];
            if (!level.IsFile)
            {
                for (int link = level.Next; link < level.Cids.Length; link++)
                {
                    if (!DagLinks.IsLeaf(level.Cids[link].Codec) && level.Cids[link].Hash.Code != MultihashCode.Identity)
                    {
                        rest.Add(new DagRest(level.Cids[link], null, level.Sizes[link], [level.Cids[link]]));
                    }
                }

                continue;
            }

            List<Cid> awaited = [];
            long from = long.MaxValue;
            long end = 0;
            while (true)
            {
                Level part = _levels[i];
                awaited.AddRange(part.Cids.AsSpan(part.Next));
                from = part.Next < part.Cids.Length ? Math.Min(from, part.Ends[part.Next] - part.Sizes[part.Next]) : from;
                end = part.Ends.Length > 0 ? Math.Max(end, part.Ends[^1]) : end;
                if (i == 0 || !_levels[i - 1].IsFile)
                {
                    break;
                }

                i--;
            }

            if (from < end)
            {
                rest.Add(new DagRest(_levels[i].Cid, from, end - from, awaited));
            }
        }

        return rest;
    }

    private (int Level, int Link) Find(in Multihash hash)
    {
        int open = _open ??= _levels.FindLastIndex(static level => level.Next < level.Cids.Length);
        if (open < 0)
        {
            return (-1, -1);
        }

        Level next = _levels[open];
        if (next.Cids[next.Next].Hash.Equals(hash))
        {
            return (open, next.Next);
        }

        if (_places is null)
        {
            _places = [];
            _levels.ForEach(Note);
        }

        while (_places.TryGetValue(hash, out Place? place))
        {
            if (!place.Level.IsCut && place.Link >= place.Level.Next)
            {
                return (place.Level.Depth, place.Link);
            }

            _placed--;
            if (place.Below is { } below)
            {
                _places[hash] = below;
            }
            else
            {
                _places.Remove(hash);
            }
        }

        return (-1, -1);
    }

    private void Note(Level level)
    {
        for (int link = level.Cids.Length - 1; link >= level.Next; link--)
        {
            Multihash hash = level.Cids[link].Hash;
            _places![hash] = new Place(level, link, _places.GetValueOrDefault(hash));
            _placed++;
        }
    }

    private void Cut(int count)
    {
        foreach (Level level in CollectionsMarshal.AsSpan(_levels)[count..])
        {
            _links -= level.Cids.Length;
            level.IsCut = true;
            _path.Remove(level.Cid.Hash);
        }

        _levels.RemoveRange(count, _levels.Count - count);
        if (_placed > (2 * _links) + MaxStale)
        {
            _places = null;
            _placed = 0;
        }
    }

    private Cid[] Open(Cid cid, ReadOnlyMemory<byte> data, long offset, bool isInFile)
    {
        Level? level;
        try
        {
            level = cid.Codec == Multicodec.DagPb ? Read(cid, data, offset) : new Level(cid, [.. DagLinks.Read(cid, data)]);
        }
        catch (DagException)
        {
            // The reader of the block says what is wrong with it.
            level = null;
        }

        if (level is null || (isInFile && !level.IsFile) || _links + level.Cids.Length > MaxLinks)
        {
            IsLost = true;
            return [];
        }

        _links += level.Cids.Length;
        level.Depth = _levels.Count;
        _levels.Add(level);
        _path.Add(cid.Hash);
        _open = null;
        if (_places is not null)
        {
            Note(level);
        }

        return level.Cids;
    }

    private static Level Read(Cid cid, ReadOnlyMemory<byte> block, long offset)
    {
        DagPbNode node = UnixFsBlock.DecodeNode(cid, block, _limits);
        Cid[] cids = [.. node.Links.Select(static link => link.Cid)];
        if (node.HasData && FileOf(node.Data) is { } file)
        {
            FilePart part = FilePart.Of(cid, new UnixFsBlock(node, file));
            long[] ends = new long[cids.Length];
            long end = offset + part.Data.Length;
            for (int i = 0; i < ends.Length; i++)
            {
                ends[i] = end += part.Links[i].Size;
            }

            return new Level(cid, cids) { IsFile = true, Sizes = [.. part.Links.Select(static link => link.Size)], Ends = ends };
        }

        return new Level(cid, cids) { Sizes = [.. node.Links.Select(static link => link.HasTsize ? (long)Math.Min(link.Tsize, long.MaxValue) : 0)] };
    }

    // A node of dag-pb need be no part of a file system.
    private static UnixFsData? FileOf(ReadOnlyMemory<byte> data)
    {
        try
        {
            return UnixFsData.Decode(data) is { Type: UnixFsType.File or UnixFsType.Raw } file ? file : null;
        }
        catch (DagException)
        {
            return null;
        }
    }

    private sealed class Level(Cid cid, Cid[] cids)
    {
        public Cid Cid => cid;

        public Cid[] Cids => cids;

        /// <summary>Gets the bytes below each link, as the block says; 0 where it does not.</summary>
        public long[] Sizes { get; init; } = new long[cids.Length];

        /// <summary>Gets where in the file what is below each link ends.</summary>
        public long[] Ends { get; init; } = [];

        public bool IsFile { get; init; }

        public int Next { get; set; }

        public int Depth { get; set; }

        public bool IsCut { get; set; }
    }

    private sealed record Place(Level Level, int Link, Place? Below);
}

/// <summary>Represents a part of a graph that is left.</summary>
/// <param name="Root">The block that it begins with.</param>
/// <param name="From">The first byte that is left of a file; null for all below the root.</param>
/// <param name="Size">How many bytes, as the blocks above say; 0 where they do not.</param>
/// <param name="Awaited">The blocks of it that are known by links.</param>
public sealed record DagRest(Cid Root, long? From, long Size, IReadOnlyList<Cid> Awaited);
