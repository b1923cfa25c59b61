using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Hamt;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Represents a shard of a directory below its root.</summary>
/// <param name="context">The walk.</param>
/// <param name="owner">The directory.</param>
/// <param name="cid">The block.</param>
/// <param name="path">The bits of the hashes of all names in it, as the shards above have used them.</param>
/// <param name="used">How many bits that is.</param>
/// <param name="fanout">The fanout of the shards above.</param>
internal sealed class ShardItem(WalkContext context, EntryItem owner, Cid cid, ulong path, int used, int fanout) : ReadItem(cid)
{
    /// <inheritdoc/>
    public override long Estimate => 64 << 10;

    /// <summary>Returns the entries and further shards of a shard.</summary>
    /// <exception cref="DagException">InvalidHamt: a name is where its hash does not put it.</exception>
    public static IReadOnlyList<ReadItem> Follow(WalkContext context, EntryItem owner, HamtShard shard, ulong path, int used)
    {
        Cid cid = owner.Cid;
        shard.CheckBits(cid, used);
        List<ReadItem> children = new(shard.Count);
        int entries = 0;
        used += shard.BitsPerLevel;
        for (int i = 0; i < shard.Count; i++)
        {
            (DagPbLink link, string name, int slot) = shard[i];
            ulong here = (path << shard.BitsPerLevel) | (uint)slot;
            if (name.Length == 0)
            {
                children.Add(new ShardItem(context, owner, link.Cid, here, used, shard.Fanout));
                continue;
            }

            if (HamtShard.Hash(name) >> (64 - used) != here)
            {
                throw HamtShard.Invalid(cid, $"the name '{name}' is where its hash does not put it");
            }

            entries++;
            if (owner.Child(name, link) is { } child)
            {
                children.Add(child);
            }
        }

        context.CountEntries(entries, cid);
        return children;
    }

    /// <inheritdoc/>
    internal override bool GoOnWithout(Exception cause) => context.GoOn(owner.RelativePath, Cid, isPart: true, cause);

    /// <inheritdoc/>
    internal override IReadOnlyList<ReadItem> Open(ReadOnlyMemory<byte> block)
    {
        HamtShard shard = HamtShard.Of(Cid, UnixFsBlock.Decode(Cid, block, context.Limits));
        if (shard.Fanout != fanout)
        {
            throw HamtShard.Invalid(Cid, $"its fanout is {shard.Fanout}, and that of the shard above {fanout}");
        }

        // without this, shards of nothing could be within one another without end and without an entry to count
        return shard.Count > 0 ? Follow(context, owner, shard, path, used) : throw HamtShard.Invalid(Cid, "it is empty");
    }
}
