using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Hamt;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Writes a directory: one node, or a sharded one when its size is over the threshold of the profile.</summary>
internal static class DirectoryNodes
{
    public static ValueTask<DagEntry> WriteAsync(
        BlockSink sink, UnixFsProfile profile, List<DagPbLink> links, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        var entry = new UnixFsData { Type = UnixFsType.Directory, Mode = attributes.Mode, Mtime = attributes.Mtime };
        if (IsSharded(profile, links, entry))
        {
            return new ShardedDirectory(sink, profile.ShardFanout).WriteAsync(links, attributes, cancellationToken);
        }

        return sink.AddNodeAsync(new DagPbNode(links, entry.Encode()), 0, cancellationToken);
    }

    private static bool IsSharded(UnixFsProfile profile, List<DagPbLink> links, UnixFsData entry)
    {
        if (links.Count == 0 || profile.DirectorySizeRule == DirectorySizeRule.Unsharded)
        {
            return false;
        }

        bool wholeBlock = profile.DirectorySizeRule == DirectorySizeRule.BlockBytes;
        long size = wholeBlock ? ProtobufWriter.BytesFieldSize(entry.EncodedLength) : 0;
        foreach (DagPbLink link in links)
        {
            size += wholeBlock ? SizeInBlock(link) : Encoding.UTF8.GetByteCount(link.Name) + link.Cid.ByteLength;
        }

        return size > profile.ShardingThreshold;
    }

    private static long SizeInBlock(DagPbLink link) =>
        ProtobufWriter.BytesFieldSize(ProtobufWriter.BytesFieldSize(link.Cid.ByteLength)
            + ProtobufWriter.BytesFieldSize(Encoding.UTF8.GetByteCount(link.Name))
            + ProtobufWriter.VarintFieldSize(link.Tsize));
}

/// <summary>
/// Writes a directory as a HAMT (specs.ipfs.tech/unixfs): each shard takes as many bits of a name's hash, from the first on, as tell its
/// slots apart, and a slot that several names meet in is a shard of its own.
/// </summary>
internal sealed class ShardedDirectory(BlockSink sink, int fanout)
{
    /// <summary>murmur3-x64-64 in the table of multicodecs.</summary>
    private const ulong Murmur3Code = 0x22;
    private const int HashLength = 64;

    private readonly int _bits = BitOperations.Log2((uint)fanout);
    private readonly string _slotFormat = "X" + (fanout - 1).ToString("X", CultureInfo.InvariantCulture).Length.ToString(CultureInfo.InvariantCulture);

    public ValueTask<DagEntry> WriteAsync(List<DagPbLink> links, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        // In the order of the hashes, what belongs to one shard stands together, at every depth.
        var entries = new Entry[links.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new Entry(Murmur3.Hash64(Encoding.UTF8.GetBytes(links[i].Name)), links[i]);
        }

        Array.Sort(entries, static (left, right) => left.Hash.CompareTo(right.Hash));
        return WriteShardAsync(entries, 0, attributes, cancellationToken);
    }

    private async ValueTask<DagEntry> WriteShardAsync(
        ReadOnlyMemory<Entry> entries, int consumed, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        if (consumed + _bits > HashLength)
        {
            throw new DagException(
                DagErrorIds.DagLimitExceeded, $"The names '{entries.Span[0].Link.Name}' and '{entries.Span[1].Link.Name}' have one hash: no HAMT can hold both.");
        }

        List<DagPbLink> links = [];
        byte[] field = new byte[fanout / 8];
        while (!entries.IsEmpty)
        {
            int slot = Slot(entries.Span[0].Hash, consumed);
            int count = CountOfSlot(entries.Span, slot, consumed);
            string prefix = slot.ToString(_slotFormat, CultureInfo.InvariantCulture);
            DagPbLink first = entries.Span[0].Link;
            if (count == 1)
            {
                links.Add(first with { Name = prefix + first.Name });
            }
            else
            {
                DagEntry shard = await WriteShardAsync(entries[..count], consumed + _bits, default, cancellationToken).ConfigureAwait(false);
                links.Add(new DagPbLink(shard.Cid, prefix, shard.TotalSize));
            }

            // slot 0 is the last bit of the last byte
            field[field.Length - 1 - (slot / 8)] |= (byte)(1 << (slot % 8));
            entries = entries[count..];
        }

        var data = new UnixFsData
        {
            Type = UnixFsType.HamtShard,
            Data = field.AsMemory(field.AsSpan().IndexOfAnyExcept((byte)0)..),
            HashType = Murmur3Code,
            Fanout = (ulong)fanout,
            Mode = attributes.Mode,
            Mtime = attributes.Mtime,
        };
        return await sink.AddNodeAsync(new DagPbNode(links, data.Encode()), 0, cancellationToken).ConfigureAwait(false);
    }

    private int Slot(ulong hash, int consumed) => (int)((hash >> (HashLength - consumed - _bits)) & ((ulong)fanout - 1));

    private int CountOfSlot(ReadOnlySpan<Entry> entries, int slot, int consumed)
    {
        int count = 1;
        while (count < entries.Length && Slot(entries[count].Hash, consumed) == slot)
        {
            count++;
        }

        return count;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(ulong Hash, DagPbLink Link);
}
