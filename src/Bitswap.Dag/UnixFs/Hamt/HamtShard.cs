using System.Globalization;
using System.Numerics;
using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;

namespace Bitswap.Dag.UnixFs.Hamt;

/// <summary>
/// Represents one node of a sharded directory (specs.ipfs.tech/unixfs, "HAMTDirectory"). Everything that a shard says of itself is checked before a
/// number out of it is used: a fanout of another kind is what CVE-2023-23625 crashed others with.
/// </summary>
internal sealed class HamtShard
{
    /// <summary>Multicodec of murmur3-x64-64, the one hash function of sharded directories.</summary>
    public const ulong HashType = 0x22;

    /// <summary>The widest shard that is taken: what boxo takes at most.</summary>
    public const int MaxFanout = 1024;

    private const int HashBits = 64;
    private readonly DagPbNode _node;
    private readonly int _prefixLength;
    private readonly int[] _slots;

    private HamtShard(DagPbNode node, int fanout, int[] slots)
    {
        _node = node;
        _slots = slots;
        Fanout = fanout;
        BitsPerLevel = BitOperations.Log2((uint)fanout);
        _prefixLength = (fanout - 1).ToString("X", CultureInfo.InvariantCulture).Length;
    }

    /// <summary>Gets the number of slots.</summary>
    public int Fanout { get; }

    /// <summary>Bits of a name's hash that choose a slot.</summary>
    public int BitsPerLevel { get; }

    /// <summary>Gets the number of slots that are taken.</summary>
    public int Count => _slots.Length;

    /// <summary>Reads a shard.</summary>
    /// <exception cref="DagException">InvalidHamt.</exception>
    public static HamtShard Of(Cid cid, UnixFsBlock block)
    {
        if (block.Data.Type != UnixFsType.HamtShard)
        {
            throw Invalid(cid, $"it is a part of a sharded directory, and says that it is a {block.Data.Type}");
        }

        ulong fanout = block.Data.Fanout ?? 0;
        if (fanout is 0 or > MaxFanout || !BitOperations.IsPow2(fanout) || fanout % 8 != 0)
        {
            throw Invalid(cid, $"its fanout is {fanout}, which is no power of two from 8 to {MaxFanout}");
        }

        if (block.Data.HashType != HashType)
        {
            throw Invalid(cid, $"its hash function is {block.Data.HashType?.ToString("x", CultureInfo.InvariantCulture) ?? "not named"}, and not {HashType:x} (murmur3-x64-64)");
        }

        int[] slots = Slots(cid, block.Data.Data.Span, (int)fanout);
        IReadOnlyList<DagPbLink> links = block.Node.Links;
        if (slots.Length != links.Count)
        {
            throw Invalid(cid, $"its bit field has {slots.Length} slots taken, and there are {links.Count} links");
        }

        HamtShard shard = new(block.Node, (int)fanout, slots);
        for (int i = 0; i < slots.Length; i++)
        {
            shard.CheckPrefix(cid, links[i].Name, slots[i]);
        }

        return shard;
    }

    /// <summary>Gets the link of a slot, counted among those that are taken, with its name without the prefix; an empty one leads to a shard.</summary>
    public (DagPbLink Link, string Name, int Slot) this[int index]
    {
        get
        {
            DagPbLink link = _node.Links[index];
            return (link, link.Name[_prefixLength..], _slots[index]);
        }
    }

    /// <summary>Returns the link of a slot; null when it is free.</summary>
    public (DagPbLink Link, string Name)? Find(int slot)
    {
        int index = Array.BinarySearch(_slots, slot);
        return index < 0 ? null : (this[index].Link, this[index].Name);
    }

    /// <summary>Returns the slot of a name's hash on a level.</summary>
    /// <param name="cid">The shard, for the error.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="used">Bits of the hash that the shards above have used.</param>
    public int SlotOf(Cid cid, ulong hash, int used)
    {
        CheckBits(cid, used);
        return (int)((hash >> (HashBits - used - BitsPerLevel)) & (uint)(Fanout - 1));
    }

    /// <summary>Refuses a shard that is deeper than a hash has bits.</summary>
    public void CheckBits(Cid cid, int used)
    {
        if (used + BitsPerLevel > HashBits)
        {
            throw Invalid(cid, "it is deeper than a hash has bits");
        }
    }

    /// <summary>Returns the hash of a name.</summary>
    public static ulong Hash(string name) => Murmur3.Hash64(Encoding.UTF8.GetBytes(name));

    /// <summary>Returns the error of a malformed shard.</summary>
    public static DagException Invalid(Cid cid, string why) =>
        new(ReadErrorIds.InvalidHamt, $"The block {cid} is no shard of a directory: {why}.") { Cid = cid };

    // the bit field is a big-endian number without leading zeros: bit i stands for slot i
    private static int[] Slots(Cid cid, ReadOnlySpan<byte> field, int fanout)
    {
        if (field.Length > fanout / 8)
        {
            throw Invalid(cid, $"its bit field has {field.Length} bytes, more than its fanout of {fanout} allows");
        }

        List<int> slots = [];
        for (int i = 0; i < field.Length * 8; i++)
        {
            if ((field[field.Length - 1 - (i / 8)] >> (i % 8) & 1) != 0)
            {
                slots.Add(i);
            }
        }

        return [.. slots];
    }

    private void CheckPrefix(Cid cid, string name, int slot)
    {
        string prefix = slot.ToString("X" + _prefixLength, CultureInfo.InvariantCulture);
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw Invalid(cid, $"the name '{(name.Length <= 80 ? name : name[..80] + "...")}' is in the slot {prefix} and does not begin with it");
        }
    }
}
