using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Hamt;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.UnixFs.Read;

/// <summary>A graph made by hand, block by block, that counts what is asked of it.</summary>
internal sealed class TestGraph
{
    private readonly ConcurrentDictionary<Cid, byte[]> _blocks = new();

    /// <summary>What was asked for, in order.</summary>
    public ConcurrentQueue<Cid> Asked { get; } = new();

    /// <summary>Called before a block is given.</summary>
    public Func<Cid, CancellationToken, ValueTask>? Before { get; set; }

    public UnixFsReader Reader(ReadLimits? limits = null) => new(ReadAsync, limits);

    public Cid Put(ulong codec, byte[] data)
    {
        Cid cid = Cid.Compute(codec, data);
        _blocks[cid] = data;
        return cid;
    }

    public void Drop(Cid cid) => _blocks.TryRemove(cid, out _);

    public DagPbLink Raw(byte[] data, string name = "") => new(Put(Multicodec.Raw, data), name, (ulong)data.Length);

    public DagPbLink Text(string text, string name = "") => Raw(Encoding.UTF8.GetBytes(text), name);

    public DagPbLink Node(UnixFsData data, IReadOnlyList<DagPbLink> links, string name = "")
    {
        byte[] block = new DagPbNode(links, data.Encode()).ToByteArray();
        return new DagPbLink(Put(Multicodec.DagPb, block), name, links.Aggregate((ulong)block.Length, (sum, link) => unchecked(sum + link.Tsize)));
    }

    /// <summary>A leaf as old profiles make it.</summary>
    public DagPbLink Leaf(byte[] data, UnixFsType type = UnixFsType.File) =>
        Node(new UnixFsData { Type = type, Data = data, FileSize = (ulong)data.Length }, []);

    /// <summary>A file of parts whose sizes are given.</summary>
    public DagPbLink File(IReadOnlyList<(DagPbLink Link, int Size)> parts, string name = "", byte[]? inline = null) =>
        Node(
            new UnixFsData
            {
                Type = UnixFsType.File,
                Data = inline ?? [],
                FileSize = (ulong)((inline?.Length ?? 0) + parts.Sum(part => (long)part.Size)),
                BlockSizes = [.. parts.Select(part => (ulong)part.Size)],
            },
            [.. parts.Select(part => part.Link)],
            name);

    /// <summary>A file in chunks, with so many links a node.</summary>
    public DagPbLink Balanced(byte[] data, int chunk, int width, string name = "")
    {
        List<(DagPbLink Link, int Size)> level = [.. data.Chunk(chunk).Select(part => (Raw(part), part.Length))];
        do
        {
            level = [.. level.Chunk(width).Select(parts => (File(parts), parts.Sum(part => part.Size)))];
        }
        while (level.Count > 1);
        return level[0].Link with { Name = name };
    }

    public DagPbLink Directory(params DagPbLink[] entries) => Directory("", entries);

    public DagPbLink Directory(string name, params DagPbLink[] entries) => Node(new UnixFsData { Type = UnixFsType.Directory }, entries, name);

    public DagPbLink Symlink(string target, string name) =>
        Node(new UnixFsData { Type = UnixFsType.Symlink, Data = Encoding.UTF8.GetBytes(target) }, [], name);

    /// <summary>A sharded directory.</summary>
    public DagPbLink Sharded(IReadOnlyList<DagPbLink> entries, int fanout = 256, string name = "", int used = 0)
    {
        int bits = BitOperations.Log2((uint)fanout);
        string format = "X" + (fanout - 1).ToString("X", CultureInfo.InvariantCulture).Length;
        List<DagPbLink> links = [];
        BigInteger field = 0;
        foreach (IGrouping<int, DagPbLink> slot in entries.GroupBy(entry => Slot(entry.Name, used, bits)).OrderBy(group => group.Key))
        {
            string prefix = slot.Key.ToString(format, CultureInfo.InvariantCulture);
            field |= BigInteger.One << slot.Key;
            links.Add(slot.Count() == 1
                ? slot.First() with { Name = prefix + slot.First().Name }
                : Sharded([.. slot], fanout, prefix, used + bits));
        }

        return Shard(field.ToByteArray(isUnsigned: true, isBigEndian: true), (ulong)fanout, links, name);
    }

    public DagPbLink Shard(byte[] field, ulong fanout, IReadOnlyList<DagPbLink> links, string name = "", ulong hash = 0x22) =>
        Node(new UnixFsData { Type = UnixFsType.HamtShard, Data = field, HashType = hash, Fanout = fanout }, links, name);

    public static byte[] Bytes(int count, int seed = 1)
    {
        byte[] data = new byte[count];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static int Slot(string name, int used, int bits) =>
        (int)(Murmur3.Hash64(Encoding.UTF8.GetBytes(name)) >> (64 - used - bits)) & ((1 << bits) - 1);

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        Asked.Enqueue(cid);
        if (Before is not null)
        {
            await Before(cid, cancellationToken);
        }

        return _blocks.TryGetValue(cid, out byte[]? data) ? data : throw new KeyNotFoundException($"The graph has no {cid}.");
    }
}
