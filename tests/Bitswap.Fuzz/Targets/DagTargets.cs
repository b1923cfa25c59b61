using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Car;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Hamt;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Fuzz.Targets;

/// <summary>Blocks and archives.</summary>
internal static class DagTargets
{
    private static readonly Cid _pb = Cid.Compute(Multicodec.DagPb, []);
    private static readonly Cid _cbor = Cid.Compute(Multicodec.DagCbor, []);
    private static readonly Cid _json = Cid.Compute(Multicodec.DagJson, []);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("dag-pb", [DagErrorIds.InvalidDagPb], PbNode),
        new("unixfs", [DagErrorIds.InvalidUnixFs], UnixFsEntryData),
        new("unixfs-block", [DagErrorIds.InvalidDagPb, DagErrorIds.InvalidUnixFs, ReadErrorIds.InvalidHamt], UnixFsBlocks),
        new("dag-cbor", [DagErrorIds.InvalidDagCbor, DagErrorIds.DagLimitExceeded], block => Values(_cbor, block)),
        new("dag-json", [DagErrorIds.InvalidDagJson, DagErrorIds.DagLimitExceeded], block => Values(_json, block))
        {
            Words = ["{\"/\":\"bafy", "{\"/\":{\"bytes\":\"", "\"/\"", "\\u00", "\\ud800", "true", "null", "1e5", "-0", "[[", "{}"],
        },
        new("car", [DagErrorIds.InvalidCar, DagErrorIds.DagLimitExceeded, DagErrorIds.BlockTooLarge, MultiformatException.InvalidMultihash], Archive) { AllocatedAlways = 2 << 20 },
    ];

    private static void PbNode(ReadOnlyMemory<byte> block)
    {
        DagPbNode node = DagPbNode.Decode(block);
        IReadOnlyList<Cid> links = DagLinks.Read(_pb, block);
        FuzzFailureException.Unless(links.SequenceEqual(node.Links.Select(link => link.Cid)), "A walk sees other links.");
        DagPbNode again = DagPbNode.Decode(node.ToByteArray());
        FuzzFailureException.Unless(
            again.Links.SequenceEqual(node.Links.Order(DagPbNameOrder.Instance)) && again.HasData == node.HasData && again.Data.Span.SequenceEqual(node.Data.Span),
            "It is encoded as another node.");
    }

    private static void UnixFsEntryData(ReadOnlyMemory<byte> data)
    {
        UnixFsData entry = UnixFsData.Decode(data);
        byte[] encoded = entry.Encode();
        FuzzFailureException.Unless(UnixFsData.Decode(encoded).Encode().AsSpan().SequenceEqual(encoded), "It is encoded as another entry.");
    }

    private static void UnixFsBlocks(ReadOnlyMemory<byte> block)
    {
        UnixFsBlock entry = UnixFsBlock.Decode(_pb, block, new ReadLimits());
        HamtShard shard = HamtShard.Of(_pb, entry);
        for (int i = 0; i < shard.Count; i++)
        {
            (DagPbLink link, string name, int slot) = shard[i];
            FuzzFailureException.Unless(shard.Find(slot) == (link, name), "A slot that is taken is not found.");
        }
    }

    private static void Values(Cid cid, ReadOnlyMemory<byte> block)
    {
        IReadOnlyList<Cid> links = DagLinks.Read(cid, block);
        _ = DagCanonical.FindDeviation(cid, block);
        ValuePath path = new(["a", "0"]);
        DagLinks.ReadAll(cid, block, DagLimits.Default, path);
        FuzzFailureException.Unless(path.Link is null || links.Contains(path.Link), "A path leads to a link that is not there.");
    }

    private static void Archive(ReadOnlyMemory<byte> input) => ReadAsync(input).AsTask().GetAwaiter().GetResult();

    private static async ValueTask ReadAsync(ReadOnlyMemory<byte> input)
    {
        await using CarReader reader = await CarReader.OpenAsync(new MemoryStream(input.ToArray()));
        await foreach (CarBlock block in reader.ReadAllAsync())
        {
            FuzzFailureException.Unless(block.Cid.Hash.Matches(block.Data.Span), "A block is not that of its CID.");
        }
    }
}
