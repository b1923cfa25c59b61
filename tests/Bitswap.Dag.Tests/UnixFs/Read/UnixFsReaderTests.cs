using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Read;

public sealed class UnixFsReaderTests
{
    private readonly TestGraph _graph = new();

    [Fact]
    public async Task Paths_go_through_plain_and_sharded_directories()
    {
        DagPbLink[] many = [.. Enumerable.Range(0, 2000).Select(i => _graph.Text($"{i}", $"n{i}"))];
        Cid root = _graph.Directory(_graph.Sharded([.. many, _graph.Directory("sub dir", _graph.Text("found", "100%25.txt"))], name: "big")).Cid;

        foreach (int i in (int[])[0, 999, 1999])
        {
            Assert.Equal(many[i].Cid, await ResolveAsync($"{root}/big/n{i}"));
        }

        Cid file = await ResolveAsync($"/ipfs/{root}/big/sub dir/100%25.txt");
        Assert.Equal("found", await TextAsync(file));
        Assert.Equal(file, await ResolveAsync($"ipfs://{root}/big/sub%20dir/100%2525.txt"));
    }

    [Fact]
    public async Task A_look_up_in_a_sharded_directory_asks_for_the_shards_on_the_way_alone()
    {
        DagPbLink[] many = [.. Enumerable.Range(0, 3000).Select(i => _graph.Text($"{i}", $"n{i}"))];
        Cid root = _graph.Sharded(many).Cid;

        await ResolveAsync($"{root}/n1234");

        Assert.InRange(_graph.Asked.Count, 2, 4);
    }

    [Fact]
    public async Task What_is_not_there_is_told_with_where()
    {
        Cid root = _graph.Directory(_graph.Directory("a", _graph.Text("x", "file")), _graph.Sharded([_graph.Text("y", "in")], name: "s")).Cid;

        await FailsAsync("PathNotFound", "'b'", $"{root}/a/b");
        await FailsAsync("PathNotFound", "'out'", $"{root}/s/out");
        await FailsAsync("NotADirectory", "a/file", $"{root}/a/file/b");
        await FailsAsync("DagLimitExceeded", "MaxDepth", $"{root}/a/file/b", new ReadLimits { MaxDepth = 2 });

        async Task FailsAsync(string id, string part, string path, ReadLimits? limits = null) =>
            Assert.Contains(part, (await RefusedAsync(id, async () => await _graph.Reader(limits).ResolveAsync(ContentPath.Parse(path)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_is_listed_with_what_its_entries_are()
    {
        byte[] data = TestGraph.Bytes(1000);
        Cid root = _graph.Directory(
            _graph.Balanced(data, 100, 4, "big"),
            _graph.Directory("dir", _graph.Text("x", "inner")),
            _graph.Symlink("dir/inner", "link"),
            new DagPbLink(_graph.Put(Multicodec.DagCbor, [0xA0]), "odd", 1),
            _graph.Text("hello", "small")).Cid;

        List<UnixFsEntry> entries = await ListAsync(root, recurse: false);

        Assert.Equal(["", "big", "dir", "link", "odd", "small"], entries.Select(entry => entry.Name));
        Assert.Equal(
            [UnixFsEntryType.Directory, UnixFsEntryType.File, UnixFsEntryType.Directory, UnixFsEntryType.Symlink, UnixFsEntryType.Other, UnixFsEntryType.File],
            entries.Select(entry => entry.Type));
        Assert.Equal([null, 1000L, null, null, null, 5L], entries.Select(entry => entry.Size));
        Assert.Equal("dir/inner", entries[3].Target);

        // a raw leaf is known by its link
        Assert.DoesNotContain(entries[5].Cid, _graph.Asked);
        Assert.Equal(["big", "dir", "dir/inner", "link", "odd", "small"], (await ListAsync(root, recurse: true)).Skip(1).Select(entry => entry.RelativePath));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(256)]
    [InlineData(1024)]
    public async Task A_sharded_directory_is_listed_whole(int fanout)
    {
        string[] names = [.. Enumerable.Range(0, 1500).Select(i => $"name {i}")];
        Cid root = _graph.Sharded([.. names.Select(name => _graph.Text(name, name))], fanout).Cid;

        List<UnixFsEntry> entries = await ListAsync(root, recurse: false);

        Assert.Equal(names.Order(StringComparer.Ordinal), entries.Skip(1).Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(entries.Skip(1), entry => Assert.Equal(1, entry.Depth));
    }

    [Fact]
    public async Task Ranges_fetch_only_the_blocks_that_hold_them()
    {
        byte[] data = TestGraph.Bytes(10_000);
        Cid file = _graph.Balanced(data, 100, 10).Cid;
        int blocks = 100 + 10 + 1;

        foreach ((long offset, long? count) in ((long, long?)[])[(0, null), (0, 1), (99, 2), (4321, 333), (9_999, 1), (9_999, 50), (10_000, 5), (50, 0), (1L << 40, 7), (5, long.MaxValue)])
        {
            _graph.Asked.Clear();
            byte[] expected = data[(int)Math.Min(offset, data.Length)..(int)Math.Min(data.Length, offset + Math.Min(count ?? data.Length, data.Length))];
            Assert.Equal(expected, await BytesAsync(file, offset, count));
            Assert.InRange(_graph.Asked.Count, 1, expected.Length > 9_000 ? blocks : 1 + 2 + (expected.Length / 100) + 2);
        }
    }

    [Fact]
    public async Task Every_kind_of_leaf_and_bytes_in_inner_nodes_are_read_in_order()
    {
        Cid identity = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Identity, "-in the CID-"u8));
        DagPbLink inner = _graph.File([(_graph.Leaf("old"u8.ToArray()), 3), (_graph.Leaf("est"u8.ToArray(), UnixFsType.Raw), 3)], inline: "inner:"u8.ToArray());
        Cid file = _graph.File([(_graph.Text("raw"), 3), (new DagPbLink(identity, "", 12), 12), (inner, 12)], inline: "begin:"u8.ToArray()).Cid;

        Assert.Equal("begin:raw-in the CID-inner:oldest", await TextAsync(file));
        Assert.Equal("in:ra", Encoding.UTF8.GetString(await BytesAsync(file, 3, 5)));
        Assert.Equal("CID-inn", Encoding.UTF8.GetString(await BytesAsync(file, 17, 7)));
        Assert.DoesNotContain(identity, _graph.Asked);
        Assert.Equal("", await TextAsync(_graph.Leaf([]).Cid));
        Assert.Equal("", await TextAsync(_graph.Raw([]).Cid));
    }

    [Fact]
    public async Task Empty_files_are_read_though_nobody_gives_their_block()
    {
        DagPbLink empty = _graph.Raw([], "empty");
        Cid root = _graph.Directory(empty, _graph.File([(empty with { Name = "" }, 0), (_graph.Text("x"), 1)], "parts")).Cid;
        _graph.Drop(empty.Cid);

        Assert.Equal("", await TextAsync(empty.Cid));
        Assert.Equal("x", await TextAsync(await ResolveAsync($"{root}/parts")));
        Assert.DoesNotContain(empty.Cid, _graph.Asked);
    }

    [Fact]
    public async Task An_identity_CID_that_is_too_long_is_refused()
    {
        Cid cid = Cid.Compute(Multicodec.Raw, new byte[129], MultihashCode.Identity);

        DagException refused = await Assert.ThrowsAsync<DagException>(() => TextAsync(cid));

        Assert.Equal((DagErrorIds.InvalidMultihash, cid), (refused.ErrorId, refused.Cid));
        Assert.Empty(_graph.Asked);
    }

    [Fact]
    public async Task Sizes_that_contradict_one_another_are_refused()
    {
        DagPbLink leaf = _graph.Text("four");
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.File([(leaf, 5)]).Cid));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.File([(leaf, 3)]).Cid));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.Node(new UnixFsData { Type = UnixFsType.File, FileSize = 4 }, [leaf]).Cid));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.Node(new UnixFsData { Type = UnixFsType.File, FileSize = 9, BlockSizes = [4] }, [leaf]).Cid));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.Node(new UnixFsData { Type = UnixFsType.File, BlockSizes = [4, ulong.MaxValue] }, [leaf, leaf]).Cid));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.File([(_graph.Directory(), 4)]).Cid));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.Node(new UnixFsData { Type = UnixFsType.Metadata }, []).Cid), "NotAFile");
    }

    [Fact]
    public async Task What_is_no_file_is_not_read()
    {
        await RefusedAsync("NotAFile", () => BytesAsync(_graph.Directory().Cid));
        await RefusedAsync("NotAFile", () => BytesAsync(_graph.Symlink("a", "b").Cid));
        await RefusedAsync("UnsupportedCodec", () => BytesAsync(_graph.Put(Multicodec.DagCbor, [0xA0])));
        await RefusedAsync("InvalidDagPb", () => BytesAsync(_graph.Put(Multicodec.DagPb, [1, 2, 3])));
        await RefusedAsync("InvalidUnixFs", () => BytesAsync(_graph.Put(Multicodec.DagPb, [])));
    }

    [Fact]
    public async Task Each_limit_ends_a_walk_that_goes_beyond_it()
    {
        byte[] data = TestGraph.Bytes(1000);
        Cid deepFile = _graph.Balanced(data, 10, 2).Cid;
        Assert.Equal(data, await BytesAsync(deepFile));
        await LimitAsync("MaxFileDepth", new ReadLimits { MaxFileDepth = 6 }, limits => BytesAsync(deepFile, limits: limits));
        Assert.Equal(data, await BytesAsync(deepFile, limits: new ReadLimits { MaxFileDepth = 7 }));
        await LimitAsync("MaxLinks", new ReadLimits { MaxLinks = 1 }, limits => BytesAsync(deepFile, limits: limits));
        await LimitAsync("MaxTotalSize", new ReadLimits { MaxTotalSize = 999 }, limits => BytesAsync(deepFile, limits: limits));
        Assert.Equal(data, await BytesAsync(deepFile, limits: new ReadLimits { MaxTotalSize = 1000 }));
        Assert.Equal(10, (await BytesAsync(deepFile, 990, 10, new ReadLimits { MaxTotalSize = 10 })).Length);

        DagPbLink nested = _graph.Directory("", _graph.Text("x", "x"));
        for (int i = 0; i < 10; i++)
        {
            nested = _graph.Directory("", nested with { Name = "d" });
        }

        Assert.Equal(12, (await ListAsync(nested.Cid, recurse: true)).Count);
        await LimitAsync("MaxDepth", new ReadLimits { MaxDepth = 10 }, limits => ListAsync(nested.Cid, true, limits));
        await LimitAsync("MaxEntries", new ReadLimits { MaxEntries = 10 }, limits => ListAsync(nested.Cid, true, limits));

        Cid sharded = _graph.Sharded([.. Enumerable.Range(0, 100).Select(i => _graph.Text("x", $"n{i}"))]).Cid;
        await LimitAsync("MaxEntries", new ReadLimits { MaxEntries = 99 }, limits => ListAsync(sharded, false, limits));

        static async Task LimitAsync(string name, ReadLimits limits, Func<ReadLimits, Task> walk) =>
            Assert.Contains(name, (await RefusedAsync("DagLimitExceeded", () => walk(limits))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { MaxDepth = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { MaxFileDepth = 1025 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { MaxLinks = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { MaxEntries = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { MaxTotalSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { ReadAheadBytes = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { ReadAheadBlocks = 0 });
    }

    [Fact]
    public async Task A_graph_that_multiplies_itself_costs_no_more_than_its_limits()
    {
        // 2^60 empty files below one another's names, and a file of 2^60 empty parts
        DagPbLink directory = _graph.Directory("", _graph.Raw([], "leaf"));
        DagPbLink file = _graph.File([]);
        for (int i = 0; i < 60; i++)
        {
            directory = _graph.Directory("", directory with { Name = "a" }, directory with { Name = "b" });
            file = _graph.File([(file, 0), (file, 0)]);
        }

        await RefusedAsync("DagLimitExceeded", () => ListAsync(directory.Cid, true, new ReadLimits { MaxEntries = 1000 }));
        Assert.Empty(await BytesAsync(file.Cid));
        Assert.InRange(_graph.Asked.Count, 1, 2000);
    }

    internal static async Task<DagException> RefusedAsync(string id, Func<Task> call, params string[] orElse)
    {
        DagException refused = await Assert.ThrowsAnyAsync<DagException>(call);
        Assert.Contains(refused.ErrorId, (string[])[id, .. orElse]);
        return refused;
    }

    private async Task<List<UnixFsEntry>> ListAsync(Cid root, bool recurse, ReadLimits? limits = null)
    {
        List<UnixFsEntry> entries = [];
        await foreach (UnixFsEntry entry in _graph.Reader(limits).ListAsync(root, recurse))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private async Task<byte[]> BytesAsync(Cid file, long offset = 0, long? count = null, ReadLimits? limits = null)
    {
        using MemoryStream all = new();
        await foreach (ReadOnlyMemory<byte> piece in _graph.Reader(limits).ReadAsync(file, offset, count))
        {
            all.Write(piece.Span);
        }

        return all.ToArray();
    }

    private async Task<string> TextAsync(Cid file) => Encoding.UTF8.GetString(await BytesAsync(file));

    private async Task<Cid> ResolveAsync(string path) => (await _graph.Reader().ResolveAsync(ContentPath.Parse(path))).Cid;
}
