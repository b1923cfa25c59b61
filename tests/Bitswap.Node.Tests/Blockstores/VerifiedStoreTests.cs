using Bitswap.Node.Blockstores;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Observability;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Blockstores;

/// <summary>What is found corrupt is told once, and is missing for whoever asks, until it is put again.</summary>
public sealed class VerifiedStoreTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();
    private readonly List<Cid> _told = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_block_that_is_corrupt_is_told_once_and_is_missing_until_it_is_put_again()
    {
        TearingStore store = new();
        VerifiedStore sound = new(store, 16, (cid, _) => _told.Add(cid));
        Block block = Samples.Block(1);
        await store.PutAsync(block.Cid, block.Data, default);
        store.Torn.Add(block.Cid.Hash);
        Assert.Equal(1000, await sound.SizeAsync(block.Cid, default));

        for (int time = 0; time < 3; time++)
        {
            BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await sound.GetAsync(block.Cid, default));
            Assert.Equal("StoreCorrupt", error.ErrorId);
        }

        Assert.Equal([block.Cid], _told);
        Assert.Equal(1, sound.TotalFound);
        Assert.True(sound.IsCorrupt(block.Cid));
        Assert.Null(await sound.SizeAsync(block.Cid, default));

        store.Torn.Clear();
        sound.Forget(block.Cid);
        Assert.False(sound.IsCorrupt(block.Cid));
        Assert.Equal(1000, await sound.SizeAsync(block.Cid, default));
    }

    [Fact]
    public async Task Only_the_latest_corrupt_blocks_are_remembered_also_when_one_is_put_again()
    {
        TearingStore store = new();
        VerifiedStore sound = new(store, 2, (cid, _) => _told.Add(cid));
        Block[] blocks = [.. Enumerable.Range(1, 4).Select(i => Samples.Block(i))];
        foreach (Block block in blocks)
        {
            await store.PutAsync(block.Cid, block.Data, default);
            store.Torn.Add(block.Cid.Hash);
        }

        await FindAsync(blocks[0]);
        sound.Forget(blocks[0].Cid);
        foreach (Block block in blocks)
        {
            await FindAsync(block);
        }

        Assert.Equal([false, false, true, true], blocks.Select(block => sound.IsCorrupt(block.Cid)));

        async Task FindAsync(Block block) => await Assert.ThrowsAsync<BitswapException>(async () => await sound.GetAsync(block.Cid, default));
    }

    [Fact]
    public async Task A_block_that_is_replaced_while_it_is_read_is_not_told()
    {
        TearingStore store = new() { TornReads = 1 };
        VerifiedStore sound = new(store, 16, (cid, _) => _told.Add(cid));
        Block block = Samples.Block(1);
        await store.PutAsync(block.Cid, block.Data, default);
        Assert.True((await sound.GetAsync(block.Cid, default))!.Value.Span.SequenceEqual(block.Data.Span));
        Assert.Empty(_told);
        Assert.Equal(1000, await sound.SizeAsync(block.Cid, default));
    }

    [Fact]
    public async Task An_empty_file_is_a_block_only_where_that_is_its_hash()
    {
        await using FlatFileBlockstore store = new(_folder["blocks"]);
        VerifiedStore sound = new(store, 16, (cid, _) => _told.Add(cid));
        Block block = Samples.Block(1), empty = Samples.Block(2, 0);
        await store.PutAsync(block.Cid, block.Data, default);
        await store.PutAsync(empty.Cid, empty.Data, default);
        File.WriteAllBytes(FileOf(block.Cid), []);
        Assert.Null(await sound.SizeAsync(block.Cid, default));
        Assert.Equal(0, await sound.SizeAsync(empty.Cid, default));
        Assert.Equal([block.Cid], _told);
    }

    [Fact]
    public async Task Of_more_than_are_remembered_the_first_are_forgotten()
    {
        TearingStore store = new();
        VerifiedStore sound = new(store, 2, (cid, _) => _told.Add(cid));
        Block[] blocks = Samples.Blocks(3);
        foreach (Block block in blocks)
        {
            await store.PutAsync(block.Cid, block.Data, default);
            store.Torn.Add(block.Cid.Hash);
            await Assert.ThrowsAsync<BitswapException>(async () => await sound.GetAsync(block.Cid, default));
        }

        Assert.Equal((bool[])[false, true, true], blocks.Select(block => sound.IsCorrupt(block.Cid)));
        Assert.Equal(3, sound.TotalFound);
    }

    [Fact]
    public async Task A_node_that_is_to_serve_a_corrupt_block_tells_it_and_offers_it_to_nobody()
    {
        MemoryNetwork network = new(seed: 1);
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer(), Path = _folder["repo"] });
        await using NodeHost client = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer() });
        await client.ConnectAsync(provider.Addresses);
        Block block = Samples.Block(1);
        await Samples.PutAsync(provider, [block]);
        NodeWatcher watcher = new(ObservationKinds.Corruption, 16);
        provider.Watch(watcher);

        // as long as it should be, so that only reading it shows what it is
        byte[] damaged = block.Data.ToArray();
        damaged[500] ^= 1;
        string file = Directory.GetFiles(_folder["repo/blocks"], "*.data", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(file, damaged);
        Assert.Null(await AskAsync(WantType.Block));
        Assert.Null(await AskAsync(WantType.Have));

        Assert.True(await watcher.WaitAsync().AsTask().WaitAsync(_patience));
        Assert.True(watcher.TryRead(out NodeObservation? told));
        CorruptionObservation corruption = Assert.IsType<CorruptionObservation>(told);
        Assert.Equal(block.Cid, corruption.Cid);
        Assert.Contains(file, corruption.Reason);
        Assert.Equal(1, (await provider.GetStatAsync()).CorruptBlocks);

        await Samples.PutAsync(provider, [block]);
        Assert.NotNull(await AskAsync(WantType.Have));
        Assert.NotNull(await AskAsync(WantType.Block));

        async Task<Block?> AskAsync(WantType type)
        {
            try
            {
                WantOptions options = new() { Type = type, FailFast = true, SkipStore = true, Session = client.NewSession(), Timeout = _patience };
                return await client.GetBlockAsync(block.Cid, options).AsTask().WaitAsync(_patience);
            }
            catch (BitswapException failure)
            {
                Assert.Equal("BlockUnavailable", failure.ErrorId);
                return null;
            }
        }
    }

    private string FileOf(Cid cid) => Directory.GetFiles(_folder["blocks"], "*.data", SearchOption.AllDirectories)
        .Single(file => cid.Hash.Matches(File.ReadAllBytes(file)));

    /// <summary>A store in memory that finds blocks torn when it is told to.</summary>
    private sealed class TearingStore : IBlockstore
    {
        private readonly MemoryBlockstore _blocks = new();

        public HashSet<Multihash> Torn { get; } = [];

        /// <summary>How many of the next reads find a torn block.</summary>
        public int TornReads { get; set; }

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken) =>
            Torn.Contains(cid.Hash) || TornReads-- > 0 ? throw StoreErrors.Corrupt(cid, "the test", "tore it") : _blocks.GetAsync(cid, cancellationToken);

        public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => _blocks.GetSizeAsync(cid, cancellationToken);

        public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => _blocks.PutAsync(cid, data, cancellationToken);

        public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => _blocks.RemoveAsync(cid, cancellationToken);

        public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => _blocks.ListAsync(cancellationToken);

        public ValueTask DisposeAsync() => _blocks.DisposeAsync();
    }
}
