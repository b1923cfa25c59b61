using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Dag.Walk;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Multiformats;
using Bitswap.Node;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Repositories;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests;

/// <summary>
/// The removal of unneeded blocks, run when other work is in the middle: a store that is held at a block says where that is. Each time one block
/// that belongs to nobody lies beside, goes, and is all that goes.
/// </summary>
public sealed class ClearDuringWorkTests : IAsyncLifetime
{
    private const int Chunk = 1000;
    private const int Chunks = 300;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly UnixFsImportOptions _cut = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(Chunk), FileLinks = 16 } };
    private readonly MemoryNetwork _network = new(seed: 1);
    private readonly List<BitswapNode> _nodes = [];
    private readonly byte[] _content = new byte[Chunk * Chunks];
    private readonly string _folder = Directory.CreateTempSubdirectory("bitswap-test-").FullName;

    public ValueTask InitializeAsync()
    {
        new Random(1).NextBytes(_content);

        // the first part comes again at the end: it was fetched long ago by then
        _content.AsSpan(0, Chunk).CopyTo(_content.AsSpan(^Chunk));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BitswapNode node in _nodes)
        {
            await node.StopAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_import_ends_whole()
    {
        GatedBlockstore store = new(writes: 101);
        BitswapNode node = await StartAsync(store);
        Cid loose = await LooseAsync(node);
        await using NodeImport import = node.Host.BeginImport(_cut);

        Task<UnixFsImport> running = import.AddAsync(new MemoryStream(_content));
        await store.Reached.WaitAsync(_patience);
        Assert.Equal([loose], await ClearAsync(node));
        store.AdmitWrites();

        await AssertWholeAsync(node, (await running.WaitAsync(_patience)).Cid);
    }

    [Fact]
    public async Task The_import_of_a_CAR_ends_whole()
    {
        string car = Path.Combine(_folder, "a.car");
        BitswapNode source = await StartAsync();
        Cid root = await AddAsync(source);
        await CarFile.ExportAsync(source, new DagWalker(GraphSource.Local(source).Reader), [root], car, false, _ => { }, default);
        GatedBlockstore store = new(writes: 101);
        BitswapNode node = await StartAsync(store);
        Cid loose = await LooseAsync(node);

        Task<(BitswapCar Car, IReadOnlyList<Fault> Faults)> running = CarFile.ImportAsync(node, car, pin: true, _ => { }, default);
        await store.Reached.WaitAsync(_patience);
        Assert.Equal([loose], await ClearAsync(node));
        store.AdmitWrites();

        Assert.Equal([root.ToString()], (await running.WaitAsync(_patience)).Car.Pinned);
        await AssertWholeAsync(node, root);
        Assert.Empty(await ClearAsync(node));
    }

    [Fact]
    public async Task A_save_ends_whole_and_fetches_nothing_twice() => await FetchAsync(async (source, root) =>
    {
        UnixFsReader reader = new(source.Reader, new ReadLimits { ReadAheadBlocks = 8 });
        await new UnixFsSaver(reader).SaveAsync(root, _folder, "saved");
        Assert.Equal(_content, await File.ReadAllBytesAsync(Path.Combine(_folder, "saved")));
    });

    [Fact]
    public async Task Reading_a_file_ends_whole_and_fetches_nothing_twice() => await FetchAsync(async (source, root) =>
    {
        using MemoryStream read = new();
        await foreach (ReadOnlyMemory<byte> piece in new UnixFsReader(source.Reader, new ReadLimits { ReadAheadBlocks = 8 }).ReadAsync(root))
        {
            read.Write(piece.Span);
        }

        Assert.Equal(_content, read.ToArray());
    });

    [Fact]
    public async Task The_export_of_a_CAR_ends_whole_and_fetches_nothing_twice() => await FetchAsync(async (source, root) =>
    {
        BitswapCar car = await CarFile.ExportAsync(source.Node, new DagWalker(source.Reader), [root], Path.Combine(_folder, "b.car"), false, _ => { }, default);
        Assert.True(car.Blocks >= Chunks - 1);
    });

    [Fact]
    public async Task A_pin_that_is_being_fetched_ends_whole_and_fetches_nothing_twice() => await FetchAsync(async (source, root) =>
    {
        Pin pin = await source.Node.Host.PinAsync(root, recursive: true, reader: source.Reader);
        Assert.Equal(root, pin.Cid);
        Assert.Empty(await ClearAsync(source.Node));
    });

    [Fact]
    public async Task A_block_that_is_waited_for_stays_when_it_comes()
    {
        BitswapNode provider = await StartAsync();
        BitswapNode getter = await StartAsync();
        await getter.Host.ConnectAsync(provider.Host.Addresses);
        byte[] data = [1, 2, 3];
        Cid cid = Cid.Compute(Multicodec.Raw, data);
        NodeWant want = await getter.Host.WantAsync(cid, new WantOptions());
        await Poll.UntilAsync(async () => (await provider.Host.GetPeerWantlistAsync(getter.Host.PeerId)).Count == 1);
        Cid loose = await LooseAsync(getter);
        Assert.Equal([loose], await ClearAsync(getter));

        // what there is to remove is found out, then it comes, then the removal goes on
        await LooseAsync(getter);
        await using (StoreCollection collection = await getter.Host.BeginCollectionAsync())
        {
            await provider.Host.PutBlockAsync(cid, data);
            Assert.Equal(data, (await want.Completion.WaitAsync(_patience)).Data.ToArray());
            Assert.Equal([loose], await RemoveAsync(collection));
        }

        Assert.NotNull(await getter.Host.ReadLocalAsync(cid));
        Assert.Equal(1, (await getter.Host.GetStatAsync()).Engine.BlocksReceived);
    }

    // work of a node that has the graph from another, which stops at the hundredth block
    private async Task FetchAsync(Func<GraphSource, Cid, Task> work)
    {
        GatedBlockstore store = new(reads: 100);
        BitswapNode provider = await StartAsync(store);
        Cid root = await AddAsync(provider);
        BitswapNode getter = await StartAsync();
        await getter.Host.ConnectAsync(provider.Host.Addresses);
        Cid loose = await LooseAsync(getter);
        long blocks;
        GraphSource source = GraphSource.Fetch(getter, null, null);
        await using (source)
        {
            Task running = Task.Run(() => work(source, root));
            await store.Reached.WaitAsync(_patience);
            Assert.Equal([loose], await ClearAsync(getter));
            store.AdmitReads();

            await running.WaitAsync(_patience);
            blocks = await AssertWholeAsync(getter, root);
        }

        NodeStat stat = await getter.Host.GetStatAsync();
        Assert.Equal((blocks, 0L), (stat.Engine.BlocksReceived, stat.Engine.DuplicateBlocks));

        // and is not held any longer than the work goes on
        long left = (await ClearAsync(getter)).Count;
        Assert.Equal(getter.Host.Pins.List().Count == 0 ? blocks : 0, left);
    }

    private async Task<BitswapNode> StartAsync(IBlockstore? store = null)
    {
        NodeOptions options = new() { Network = _network.CreatePeer() };
        NodeHost host = await NodeHost.StartAsync(store is null ? options : options with { Blockstore = store });
        BitswapNode node = new($"test-{Guid.NewGuid():N}", host, [], Guid.Empty, null);
        _nodes.Add(node);
        return node;
    }

    private async Task<Cid> AddAsync(BitswapNode node)
    {
        await using NodeImport import = node.Host.BeginImport(_cut);
        return (await import.AddAsync(new MemoryStream(_content))).Cid;
    }

    private static async Task<Cid> LooseAsync(BitswapNode node)
    {
        byte[] data = "of no use"u8.ToArray();
        Cid cid = Cid.Compute(Multicodec.Raw, data);
        await node.Host.PutBlockAsync(cid, data);
        return cid;
    }

    private static async Task<List<Cid>> ClearAsync(BitswapNode node)
    {
        await using StoreCollection collection = await node.Host.BeginCollectionAsync();
        return await RemoveAsync(collection);
    }

    private static async Task<List<Cid>> RemoveAsync(StoreCollection collection)
    {
        List<Cid> removed = [];
        await foreach (StoredBlock block in collection.RemoveAsync())
        {
            removed.Add(block.Cid);
        }

        return removed;
    }

    // the number of blocks below the root, all of which are there
    private static async Task<long> AssertWholeAsync(BitswapNode node, Cid root)
    {
        long blocks = 0;
        await foreach (DagWalkItem item in new DagWalker(GraphSource.Local(node).Reader).WalkAsync([root]))
        {
            Assert.Equal(DagWalkState.Present, item.State);
            blocks++;
        }

        Assert.True(blocks > Chunks);
        return blocks;
    }
}
