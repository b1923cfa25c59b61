using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Dag.UnixFs.Hamt;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// Follows a path from block to block: by the names of a directory, plain or sharded, by the names of the links of another dag-pb block, and by the keys and
/// places of dag-cbor and dag-json up to a link. Only the blocks on the way are asked for. One path at a time.
/// </summary>
/// <param name="blocks">Who gives the blocks.</param>
/// <param name="limits">How far a path is followed.</param>
/// <param name="path">The path.</param>
internal sealed class PathResolver(BlockReader blocks, ReadLimits limits, ContentPath path)
{
    private readonly List<string> _notes = [];
    private int _steps;

    /// <summary>Follows the path to its end.</summary>
    /// <exception cref="DagException">
    /// <c>PathNotFound</c>: there is no such name, or a value within a block. <c>NotADirectory</c>. <c>UnsupportedCodec</c>. A block on the way is malformed.
    /// </exception>
    public async ValueTask<ResolvedPath> ResolveAsync(CancellationToken cancellationToken)
    {
        Cid cid = path.Root;
        for (int followed = 0; followed < path.Names.Count;)
        {
            CountStep();
            (cid, followed) = cid.Codec switch
            {
                Multicodec.DagPb => (await StepAsync(cid, followed, cancellationToken).ConfigureAwait(false), followed + 1),
                Multicodec.DagCbor or Multicodec.DagJson => Follow(cid, await blocks.GetAsync(cid, cancellationToken).ConfigureAwait(false), followed),
                ulong codec when DagLinks.IsLeaf(codec) => throw NotADirectory(cid, followed),
                _ => throw new DagException(DagErrorIds.UnsupportedCodec, $"{Before(followed)} is {cid.CodecName}, and paths through that cannot be followed here.") { Cid = cid },
            };
        }

        return new ResolvedPath(cid) { Notes = _notes };
    }

    private (Cid Cid, int Followed) Follow(Cid cid, ReadOnlyMemory<byte> block, int from)
    {
        ValuePath values = new(path.Names.Skip(from));
        DagLinks.ReadAll(cid, block, DagLimits.Default, values);
        int followed = from + values.Followed;
        return values.Link is { } link ? (link, followed)
            : followed < path.Names.Count ? throw NotFound(followed)
            : throw new DagException(DagErrorIds.PathNotFound, $"{Before(followed)} is a value within the block {cid}, and no block.") { Cid = cid };
    }

    private async ValueTask<Cid> StepAsync(Cid cid, int index, CancellationToken cancellationToken)
    {
        string name = path.Names[index];
        ReadOnlyMemory<byte> block = await blocks.GetAsync(cid, cancellationToken).ConfigureAwait(false);
        DagPbNode node = UnixFsBlock.DecodeNode(cid, block, limits);
        UnixFsData? entry = UnixFsData.TryDecode(node);
        switch (entry?.Type)
        {
            // what is no UnixFS entry has named links all the same (boxo, pathed dag-pb nodes)
            case null or UnixFsType.Directory:
                return Find(cid, node, name) ?? throw NotFound(index);
            case UnixFsType.HamtShard:
                return await FindAsync(cid, HamtShard.Of(cid, new UnixFsBlock(node, entry)), name, cancellationToken).ConfigureAwait(false) ?? throw NotFound(index);
            default:
                throw NotADirectory(cid, index);
        }
    }

    // "implementations MUST always return the first matching entry and ignore subsequent ones" (specs.ipfs.tech/unixfs, "Directory Path Resolution")
    private Cid? Find(Cid cid, DagPbNode node, string name)
    {
        Cid? found = null;
        int count = 0;
        foreach (DagPbLink link in node.Links)
        {
            if (link.Name == name)
            {
                found ??= link.Cid;
                count++;
            }
        }

        if (count > 1)
        {
            _notes.Add($"The directory {cid} has {count} entries of the name '{name}'. The first is taken, as the UnixFS specification says; it is {found}.");
        }

        return found;
    }

    private async ValueTask<Cid?> FindAsync(Cid cid, HamtShard shard, string name, CancellationToken cancellationToken)
    {
        ulong hash = HamtShard.Hash(name);
        int fanout = shard.Fanout;
        for (int used = 0; ; used += shard.BitsPerLevel)
        {
            if (shard.Find(shard.SlotOf(cid, hash, used)) is not { } found)
            {
                return null;
            }

            if (found.Name.Length > 0)
            {
                return found.Name == name ? found.Link.Cid : null;
            }

            cid = found.Link.Cid;
            shard = HamtShard.Of(cid, UnixFsBlock.Decode(cid, await blocks.GetAsync(cid, cancellationToken).ConfigureAwait(false), limits));
            if (shard.Fanout != fanout)
            {
                throw HamtShard.Invalid(cid, $"its fanout is {shard.Fanout}, and that of the shard above {fanout}");
            }
        }
    }

    private void CountStep()
    {
        if (++_steps > limits.MaxDepth)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, $"The path leads through more than {limits.MaxDepth} blocks (limit {nameof(ReadLimits.MaxDepth)}).") { Cid = path.Root };
        }
    }

    private DagException NotFound(int index) =>
        new(DagErrorIds.PathNotFound, $"There is no '{path.Names[index]}' in {Before(index)}.") { Cid = path.Root };

    private DagException NotADirectory(Cid cid, int index) =>
        new(DagErrorIds.NotADirectory, $"{Before(index)} is no directory, so there is no '{path.Names[index]}' in it.") { Cid = cid };

    private string Before(int index) => index == 0 ? $"/ipfs/{path.Root}" : $"/ipfs/{path.Root}/{string.Join('/', path.Names.Take(index))}";
}

/// <summary>Represents what a path leads to.</summary>
/// <param name="Cid">The block.</param>
public sealed record ResolvedPath(Cid Cid)
{
    /// <summary>Gets what there is to tell of the way: directories that have more than one entry of the name that was followed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
