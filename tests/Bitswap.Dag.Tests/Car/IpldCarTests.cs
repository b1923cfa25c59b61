using System.Text;
using System.Text.Json;
using Bitswap.Dag.Car;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Car;

/// <summary>CARs to and from @ipld/car of npm, an implementation of its own.</summary>
public sealed class IpldCarTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bitswap-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    public async Task What_is_written_here_is_read_there(int roots)
    {
        (Cid Cid, byte[] Data)[] blocks = Blocks();
        string path = await WriteAsync(blocks[..roots].Select(block => block.Cid), blocks);

        await AssertReadThereAsync(path, [.. blocks[..roots].Select(block => block.Cid)], blocks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task What_is_written_there_is_read_here_and_is_what_is_written_here(int roots)
    {
        (Cid Cid, byte[] Data)[] blocks = Blocks();
        string theirs = Path.Combine(_folder, "theirs.car");
        await InteropScript.RunAsync("car.mjs", ["write", theirs], new
        {
            roots = blocks[..roots].Select(block => block.Cid.ToString()),
            blocks = blocks.Select(block => new { cid = block.Cid.ToString(), data = Convert.ToBase64String(block.Data) }),
        });

        await using (CarReader reader = await CarReader.OpenAsync(File.OpenRead(theirs)))
        {
            Assert.Equal(1, reader.Version);
            Assert.Equal(blocks[..roots].Select(block => block.Cid), reader.Roots);
            List<CarBlock> read = [];
            await foreach (CarBlock block in reader.ReadAllAsync())
            {
                read.Add(block);
            }

            Assert.Equal(blocks.Select(block => block.Cid), read.Select(block => block.Cid));
            Assert.All(blocks.Zip(read), pair => Assert.Equal(pair.First.Data, pair.Second.Data.ToArray()));
        }

        string ours = await WriteAsync(blocks[..roots].Select(block => block.Cid), blocks);
        Assert.Equal(await File.ReadAllBytesAsync(theirs), await File.ReadAllBytesAsync(ours));
    }

    [Fact]
    public async Task A_version_2_made_here_is_read_there()
    {
        (Cid Cid, byte[] Data)[] blocks = Blocks();
        string version1 = await WriteAsync([blocks[0].Cid], blocks);
        string path = Path.Combine(_folder, "v2.car");
        await File.WriteAllBytesAsync(path, CarTools.Version2(await File.ReadAllBytesAsync(version1), padding: 0, indexLength: 0));

        await AssertReadThereAsync(path, [blocks[0].Cid], blocks, version: 2);
    }

    [Fact]
    public async Task A_graph_is_read_there_root_first_and_each_block_once()
    {
        Dictionary<Cid, byte[]> store = [];
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(100), FileLinks = 5, ShardingThreshold = 300 } };
        using UnixFsImporter importer = new(options, (cid, data, _) =>
        {
            lock (store)
            {
                store[cid] = data.ToArray();
            }

            return ValueTask.CompletedTask;
        });
        string tree = Path.Combine(_folder, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "many"));
        for (int i = 0; i < 40; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(tree, "many", $"{i % 7} é% {i}"), new string((char)('a' + (i % 5)), i * 20));
        }

        Cid root = (await importer.ImportAsync(tree)).Cid;
        List<(Cid Cid, byte[] Data)> walked = [];
        await foreach (DagWalkItem item in new DagWalker((cid, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(store[cid])).WalkAsync([root]))
        {
            walked.Add((item.Cid, item.Data.ToArray()));
        }

        Assert.Equal(store.Count, walked.Count);
        await AssertReadThereAsync(await WriteAsync([root], walked), [root], walked);
    }

    private static IEnumerable<string> Strings(JsonElement element, string list, string property) =>
        element.GetProperty(list).EnumerateArray().Select(item => item.GetProperty(property).GetString()!);

    private static async Task AssertReadThereAsync(string path, IReadOnlyList<Cid> roots, IReadOnlyList<(Cid Cid, byte[] Data)> blocks, int version = 1)
    {
        JsonElement read = await InteropScript.RunAsync("car.mjs", ["read", path]);
        Assert.Equal(version, read.GetProperty("version").GetInt32());
        Assert.Equal(roots.Select(root => root.ToString()), read.GetProperty("roots").EnumerateArray().Select(root => root.GetString()));
        foreach (string list in (string[])["blocks", "indexed"])
        {
            Assert.Equal(blocks.Select(block => block.Cid.ToString()), Strings(read, list, "cid"));
            Assert.Equal(blocks.Select(block => Convert.ToBase64String(block.Data)), Strings(read, list, "data"));
        }
    }

    // of each codec that has links, with CIDs of both versions and of the identity function, and of sizes around what a length prefix holds
    private static (Cid Cid, byte[] Data)[] Blocks()
    {
        List<(Cid Cid, byte[] Data)> blocks = [];
        foreach (int size in (int[])[0, 1, 90, 91, 92, 16_347, 16_348, 16_349, 300_000])
        {
            Add(Multicodec.Raw, new Random(size).Bytes(size));
        }

        for (int i = 0; i < 30; i++)
        {
            Cid leaf = blocks[i].Cid;
            Cid node = Add(Multicodec.DagPb, new DagPbNode([new DagPbLink(leaf, $"n{i}", (ulong)i)], new byte[] { 8, 1 }).ToByteArray());
            Add(Multicodec.DagJson, Encoding.UTF8.GetBytes($$$"""{"a":{"/":"{{{node}}}"},"b":{"/":"{{{leaf}}}"},"i":{{{i}}}}"""));
            byte[] link = [0xd8, 42, 0x58, (byte)(node.Bytes.Length + 1), 0, .. node.Bytes];
            Add(Multicodec.DagCbor, [0x82, .. link, 0x18, (byte)(24 + i)]);
            byte[] version0 = new DagPbNode([new DagPbLink(node, "", 1)], new byte[] { 8, 1, 24, (byte)i }).ToByteArray();
            blocks.Add((Cid.Compute(Multicodec.DagPb, version0).ToV0(), version0));
            byte[] inline = [1, (byte)i];
            blocks.Add((Cid.Compute(Multicodec.Raw, inline, MultihashCode.Identity), inline));
            byte[] wide = [2, (byte)i];
            blocks.Add((Cid.Compute(Multicodec.Raw, wide, MultihashCode.Sha512), wide));
        }

        return [.. blocks];

        Cid Add(ulong codec, byte[] data)
        {
            Cid cid = Cid.Compute(codec, data);
            blocks.Add((cid, data));
            return cid;
        }
    }

    private async Task<string> WriteAsync(IEnumerable<Cid> roots, IEnumerable<(Cid Cid, byte[] Data)> blocks)
    {
        string path = Path.Combine(_folder, "ours.car");
        await File.WriteAllBytesAsync(path, await CarTools.WriteAsync([.. roots], blocks));
        return path;
    }
}
