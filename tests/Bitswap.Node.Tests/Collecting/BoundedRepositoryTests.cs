using System.Globalization;
using System.Text.RegularExpressions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Collecting;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Collecting;

/// <summary>A repository that holds so many bytes and no more.</summary>
public sealed class BoundedRepositoryTests : IAsyncLifetime
{
    private const int Kibi = 1 << 10;
    private const int Mebi = 1 << 20;
    private const int Max = 8 * Mebi;
    private const int Size = 256 * Kibi;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly MemoryNetwork _network = new(seed: 31);
    private readonly List<string> _log = [];
    private NodeHost _provider = null!;
    private NodeHost _node = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        await RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _provider.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Above_the_high_water_what_was_used_longest_ago_goes_down_to_the_low_water()
    {
        Block[] blocks = Samples.Blocks(40, Size);
        await FetchAsync(blocks[..25]);
        StorageStat before = await StatAsync();
        Assert.Equal((25L * Size, 25, Max, 0), (before.Bytes, before.Blocks, before.Max, before.Collections));

        // the first is used again
        Assert.NotNull(await _node.ReadLocalAsync(blocks[0].Cid));
        await FetchAsync(blocks[25..29]);
        await Poll.UntilAsync(async () => await StatAsync() is { Collections: > 0, Bytes: <= Max * 75L / 100 });

        StorageStat after = await StatAsync();
        Assert.Equal(5, after.BlocksCollected);
        Assert.Equal(5L * Size, after.BytesCollected);
        Assert.Equal((0L, (string?)null), (after.AddedBlocksCollected, after.Failure));
        Assert.NotNull(after.LastCollection);
        Assert.Equal([1, 2, 3, 4, 5], await MissingAsync(blocks[..29]));
    }

    [Fact]
    public async Task What_was_added_and_not_pinned_goes_last_and_is_told()
    {
        Block[] added = Samples.Blocks(20, Size);
        await Samples.PutAsync(_node, added);
        Block[] fetched = [.. Enumerable.Range(100, 9).Select(seed => Samples.Block(seed, Size))];
        await FetchAsync(fetched);
        await Poll.UntilAsync(async () => await StatAsync() is { Collections: > 0, Bytes: <= Max * 75L / 100 });
        Assert.Empty(await MissingAsync(added));
        Assert.Equal([0, 1, 2, 3, 4], await MissingAsync(fetched));
        Assert.DoesNotContain(Logged(), line => line.Contains("not pinned", StringComparison.Ordinal));

        // it is still known after a restart
        await RestartAsync();
        Block[] more = [.. Enumerable.Range(200, 5).Select(seed => Samples.Block(seed, Size))];
        await Samples.PutAsync(_node, more);
        await Poll.UntilAsync(async () => await StatAsync() is { Collections: > 0, Bytes: <= Max * 75L / 100, AddedBlocksCollected: > 0 });
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], await MissingAsync(fetched));
        Assert.Equal([0], await MissingAsync(added));
        Assert.Empty(await MissingAsync(more));
        Assert.Contains(Logged(), line => line.Contains("not pinned", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_finds_no_room_is_refused_until_a_pin_goes()
    {
        Block[] blocks = Samples.Blocks(31, Size);
        Cid root = await PinAsync(blocks);
        Block more = Samples.Block(99, Size);
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(() => PutAsync(more));
        Assert.Equal("StoreFull", full.ErrorId);
        Assert.Contains("are pinned", full.Message, StringComparison.Ordinal);
        Assert.Contains("Remove-BitswapPin", full.Remedy, StringComparison.Ordinal);

        // also where a peer sends it, unless it only passes through
        await _provider.PutBlockAsync(more.Cid, more.Data);
        full = await Assert.ThrowsAsync<BitswapException>(() => _node.GetBlockAsync(more.Cid, new WantOptions { Timeout = _patience }).AsTask());
        Assert.Equal("StoreFull", full.ErrorId);
        Block passed = await _node.GetBlockAsync(more.Cid, new WantOptions { Timeout = _patience, Passing = true });
        Assert.Equal(more.Data.Span, passed.Data.Span);

        // what is there is added again without room
        await PutAsync(blocks[0]);
        Assert.NotNull((await StatAsync()).Failure);
        await _node.UnpinAsync(root);
        await PutAsync(more);
        Assert.Empty(await MissingAsync([more]));
    }

    [Fact]
    public async Task A_graph_that_is_too_large_to_be_pinned_is_refused_for_want_of_room()
    {
        Block[] blocks = Samples.Blocks(40, Size);
        byte[] data = new DagPbNode([.. blocks.Select(leaf => new DagPbLink(leaf.Cid, "", Size))], null).ToByteArray();
        Block root = new(Cid.Compute(Multicodec.DagPb, data), data);
        await Samples.PutAsync(_provider, [.. blocks, root]);
        await using FetchSession session = new(_node);
        PinResult result = (await _node.PinAsync([root.Cid], recursive: true, reader: session.Reader).WaitAsync(_patience))[0];
        Assert.Null(result.Pin);
        Assert.Equal("StoreFull", result.Error!.ErrorId);
        Assert.Empty(_node.Pins.List());
    }

    [Fact]
    public async Task What_is_in_flight_stays_until_it_is_done()
    {
        Block[] blocks = Samples.Blocks(32, Size);
        Block more = Samples.Block(99, Size);
        using (_node.TakeGcLock())
        {
            await Samples.PutAsync(_node, blocks);
            BitswapException full = await Assert.ThrowsAsync<BitswapException>(() => PutAsync(more));
            Assert.Contains("held by work under way", full.Message, StringComparison.Ordinal);
            Assert.Empty(await MissingAsync(blocks));
        }

        await PutAsync(more);
        Assert.Empty(await MissingAsync([more]));
    }

    [Fact]
    public async Task An_import_that_is_too_large_is_told_so_and_leaves_no_failure_behind()
    {
        byte[] content = new byte[Max * 3 / 2];
        new Random(1).NextBytes(content);
        BitswapException full;
        await using (NodeImport import = _node.BeginImport(new UnixFsImportOptions()))
        {
            full = await Assert.ThrowsAsync<BitswapException>(() => import.AddAsync(new MemoryStream(content)).WaitAsync(_patience));
        }

        Assert.Equal("StoreFull", full.ErrorId);
        Match held = Regex.Match(full.Message, "([0-9,]+) are held by work under way");
        Assert.InRange(long.Parse(held.Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), Max / 2, Max);
        Assert.Contains("less at once", full.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("Remove-BitswapPin", full.Remedy, StringComparison.Ordinal);
        await Poll.UntilAsync(async () => await StatAsync() is { Failure: null });
        await PutAsync(Samples.Block(99, Size));
    }

    [Fact]
    public async Task Locks_that_overlap_without_end_do_not_keep_what_was_put_under_those_before()
    {
        GcLock last = _node.TakeGcLock();
        foreach (Block block in Samples.Blocks(100, Size))
        {
            await PutAsync(block);
            GcLock next = _node.TakeGcLock();
            last.Dispose();
            last = next;
        }

        last.Dispose();
        Assert.InRange(_node.PeakBytes(), 1, Max);
    }

    [Fact]
    public async Task One_work_that_goes_on_and_on_keeps_what_is_its_own_and_no_more()
    {
        Block[] own = Samples.Blocks(4, Size);
        foreach (Block block in own)
        {
            await _provider.PutBlockAsync(block.Cid, block.Data);
        }

        await using FetchSession session = new(_node);
        foreach (Block block in own)
        {
            await session.ReadAsync(block.Cid);
        }

        await FetchAsync(Enumerable.Range(100, 100).Select(seed => Samples.Block(seed, Size)));
        Assert.Empty(await MissingAsync(own));
        Assert.InRange(_node.PeakBytes(), 1, Max);
    }

    [Fact]
    public async Task A_pinned_graph_that_is_not_whole_stops_it_and_says_so()
    {
        Block[] blocks = Samples.Blocks(8, Size);
        Cid root = await PinAsync(blocks);
        await _node.RemoveBlockAsync(root);
        BitswapException? full = null;
        foreach (Block block in Enumerable.Range(100, 30).Select(seed => Samples.Block(seed, Size)))
        {
            full = await Record.ExceptionAsync(() => PutAsync(block)) as BitswapException ?? full;
        }

        Assert.Equal("StoreFull", full?.ErrorId);
        Assert.Contains($"{root}", full!.Message, StringComparison.Ordinal);
        Assert.Empty(await MissingAsync(blocks));
    }

    [Theory]
    [InlineData("clean")]
    [InlineData("killed")]
    [InlineData("changed")]
    public async Task Its_size_is_known_after_a_restart(string how)
    {
        Block[] blocks = Samples.Blocks(10, Size);
        await Samples.PutAsync(_node, blocks);
        string count = _folder["blocks.count"];
        await _node.DisposeAsync();
        Assert.True(File.Exists(count));
        string file = Directory.EnumerateFiles(_folder["blocks"], "*.data", SearchOption.AllDirectories).First();
        long expected = 10L * Size;
        switch (how)
        {
            case "killed":
                await File.WriteAllTextAsync(count, "bitswap-count 1\n12 1\nnot the times\n");
                break;
            case "changed":
                File.Delete(file);
                expected -= Size;
                break;
        }

        await RestartAsync();
        await Poll.UntilAsync(async () => (await StatAsync()).Bytes is not null);
        StorageStat stat = await StatAsync();
        Assert.Equal((expected, expected / Size), (stat.Bytes!.Value, stat.Blocks!.Value));
    }

    [Fact]
    public async Task A_bound_that_is_lowered_holds_from_the_start()
    {
        await RestartAsync(storageMax: 64 * Mebi);
        await FetchAsync(Samples.Blocks(100, Size));
        await RestartAsync();
        await Poll.UntilAsync(async () => await StatAsync() is { Bytes: <= Max * 75L / 100, Collections: > 0 });
        await PutAsync(Samples.Block(999, Size));
    }

    [Fact]
    public async Task A_bound_needs_a_repository_of_this_module()
    {
        NodeOptions options = new() { Network = _network.CreatePeer(), StorageMax = Max };
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => NodeHost.StartAsync(options));
        Assert.Equal(nameof(NodeOptions.StorageMax), refused.ParamName);
        await using MemoryBlockstore memory = new();
        await Assert.ThrowsAsync<ArgumentException>(() => NodeHost.StartAsync(options with { Path = _folder["other"], Blockstore = memory }));
        refused = await Assert.ThrowsAsync<ArgumentException>(() => NodeHost.StartAsync(options with { Path = _folder["other"], StorageHighWater = 50, StorageLowWater = 50 }));
        Assert.Equal(nameof(NodeOptions.StorageLowWater), refused.ParamName);

        // a folder that has a file of another program is that program's
        Directory.CreateDirectory(_folder["other/blocks"]);
        await using (FlatFileBlockstore made = new(_folder["other/blocks"]))
        {
            await File.WriteAllTextAsync(_folder["other/blocks/diskUsage.cache"], "{}");
        }

        BitswapException foreign = await Assert.ThrowsAsync<BitswapException>(() => NodeHost.StartAsync(options with { Path = _folder["other"] }));
        Assert.Equal("ForeignStore", foreign.ErrorId);
    }

    private string[] Logged()
    {
        lock (_log)
        {
            return [.. _log];
        }
    }

    private async Task RestartAsync(long storageMax = Max)
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        ListLoggerFactory log = new(_log);
        _node = await NodeHost.StartAsync(new NodeOptions { Path = _folder.Path, Network = _network.CreatePeer(), StorageMax = storageMax, LoggerFactory = log });
        await _node.ConnectAsync(_provider.Addresses);
    }

    private async Task<StorageStat> StatAsync() => (await _node.GetStatAsync()).Storage!;

    private Task PutAsync(Block block) => _node.PutBlockAsync(block.Cid, block.Data).AsTask().WaitAsync(_patience);

    private async Task FetchAsync(IEnumerable<Block> blocks)
    {
        foreach (Block block in blocks)
        {
            await _provider.PutBlockAsync(block.Cid, block.Data);
            await _node.GetBlockAsync(block.Cid, new WantOptions { Timeout = _patience });
        }
    }

    private async Task<Cid> PinAsync(Block[] blocks)
    {
        using GcLock hold = _node.TakeGcLock();
        await Samples.PutAsync(_node, blocks);
        byte[] block = new DagPbNode([.. blocks.Select(leaf => new DagPbLink(leaf.Cid, "", 0))], null).ToByteArray();
        Cid root = Cid.Compute(Multicodec.DagPb, block);
        await _node.PutBlockAsync(root, block);
        await _node.PinAsync(root, recursive: true);
        return root;
    }

    private async Task<List<int>> MissingAsync(Block[] blocks)
    {
        List<int> missing = [];
        for (int i = 0; i < blocks.Length; i++)
        {
            if (await _node.Blocks.GetSizeAsync(blocks[i].Cid, default) is null)
            {
                missing.Add(i);
            }
        }

        return missing;
    }
}
