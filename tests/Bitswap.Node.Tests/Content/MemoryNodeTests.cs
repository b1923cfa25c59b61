using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Dag.Walk;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Content;

/// <summary>A node without a folder, whose blocks are in memory: what it holds is bounded, and what must stay does.</summary>
public sealed class MemoryNodeTests : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly MemoryNetwork _network = new(seed: 1);
    private NodeHost _provider = null!;
    private NodeHost _node = null!;

    private MemoryBlockstore Memory => (MemoryBlockstore)_node.Blocks;

    public async ValueTask InitializeAsync()
    {
        _provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        _node = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), MaxMemoryBytes = 4 * Mebi, MaxPassingBytes = Mebi });
        await _node.ConnectAsync(_provider.Addresses);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _provider.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_save_of_any_size_leaves_so_much_of_it_in_memory()
    {
        (Cid root, byte[] content) = await AddAsync(_provider, 1, 12 * Mebi);
        await using (FetchSession session = new(_node, new FetchSessionOptions { Passing = true }))
        {
            await new UnixFsSaver(new UnixFsReader(session.Reader)).SaveAsync(root, _folder.Path, "saved").WaitAsync(_patience);
            Assert.InRange(session.BytesFetched, 12 * Mebi, 13 * Mebi);
        }

        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["saved"]));
        Assert.InRange(Memory.Bytes, 1, Mebi);
        await using StoreCollection collection = await _node.BeginCollectionAsync();
        Assert.Equal(Memory.Count, collection.Candidates.Count);
    }

    [Fact]
    public async Task What_is_read_and_not_saved_stays_as_long_as_there_is_room()
    {
        (Cid root, _) = await AddAsync(_provider, 1, 3 * Mebi);
        await ReadAsync(root);
        Assert.InRange(Memory.Bytes, 3 * Mebi, 4 * Mebi);
        (Cid other, _) = await AddAsync(_provider, 2, 3 * Mebi);
        await ReadAsync(other);
        Assert.InRange(Memory.Bytes, 3 * Mebi, 4 * Mebi);

        // without the provider: the last one is there whole, and of the first one what it left room for
        await _node.DisconnectAsync(_provider.PeerId);
        await ReadAsync(other);
        Assert.Contains(await WalkAsync(root), item => item.State == DagWalkState.Missing);
    }

    [Fact]
    public async Task What_is_added_beyond_the_bound_is_an_error_and_nothing_goes()
    {
        (Cid root, _) = await AddAsync(_node, 1, 3 * Mebi);
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(() => AddAsync(_node, 2, 3 * Mebi));
        Assert.Equal("StoreFull", full.ErrorId);
        Assert.Contains("-Path", full.Remedy);
        Assert.All(await WalkAsync(root), item => Assert.Equal(DagWalkState.Present, item.State));
        Assert.InRange(Memory.Bytes, 3 * Mebi, 4 * Mebi);

        // a file can be saved and a block be had although nothing of them can be held
        (Cid large, _) = await AddAsync(_provider, 3, 2 * Mebi);
        await ReadAsync(large);
        Assert.All(await WalkAsync(root), item => Assert.Equal(DagWalkState.Present, item.State));
    }

    [Fact]
    public async Task What_is_pinned_stays_whole_and_goes_like_the_rest_when_the_pin_is_gone()
    {
        (Cid root, _) = await AddAsync(_provider, 1, 3 * Mebi);
        (Cid other, _) = await AddAsync(_provider, 2, 3 * Mebi);
        await PinAsync(root);
        await ReadAsync(other);
        Assert.All(await WalkAsync(root), item => Assert.Equal(DagWalkState.Present, item.State));

        // two that do not fit are not both pinned, and what one of them was to be pinned with is let go
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(() => PinAsync(other));
        Assert.Equal("StoreFull", full.ErrorId);
        Assert.Equal(root, Assert.Single(_node.Pins.List()).Cid);
        Assert.All(await WalkAsync(root), item => Assert.Equal(DagWalkState.Present, item.State));

        Assert.True(await _node.UnpinAsync(root));
        await PinAsync(other);
        Assert.All(await WalkAsync(other), item => Assert.Equal(DagWalkState.Present, item.State));
        Assert.InRange(Memory.Bytes, 3 * Mebi, 4 * Mebi);
    }

    [Fact]
    public async Task A_want_that_is_to_store_its_block_keeps_it_or_says_that_it_cannot()
    {
        Block[] blocks = Samples.Blocks(5, Mebi);
        await Samples.PutAsync(_provider, blocks);
        WantOptions store = new() { StoreOnly = true, Timeout = _patience };
        foreach (Block block in blocks[..4])
        {
            await _node.GetBlockAsync(block.Cid, store).AsTask().WaitAsync(_patience);
        }

        Assert.Equal(4 * Mebi, Memory.Bytes);
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(() => _node.GetBlockAsync(blocks[4].Cid, store).AsTask().WaitAsync(_patience));
        Assert.Equal("StoreFull", full.ErrorId);
        Assert.Equal(blocks[4].Data.ToArray(), (await _node.GetBlockAsync(blocks[4].Cid, store with { StoreOnly = false }).AsTask().WaitAsync(_patience)).Data.ToArray());
        Assert.NotNull(await _node.ReadLocalAsync(blocks[0].Cid));
    }

    private static async Task<(Cid Root, byte[] Content)> AddAsync(NodeHost node, int seed, int size)
    {
        byte[] content = new byte[size];
        new Random(seed).NextBytes(content);
        await using NodeImport import = node.BeginImport(new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(65_536) } });
        return ((await import.AddAsync(new MemoryStream(content))).Cid, content);
    }

    private async Task ReadAsync(Cid root)
    {
        await using FetchSession session = new(_node);
        await foreach (DagWalkItem item in new DagWalker(session.Reader).WalkAsync([root]))
        {
            Assert.Equal(DagWalkState.Present, item.State);
        }
    }

    private async Task PinAsync(Cid root)
    {
        await using FetchSession session = new(_node);
        await _node.PinAsync(root, recursive: true, reader: session.Reader);
    }

    private async Task<IReadOnlyList<DagWalkItem>> WalkAsync(Cid root) => await new DagWalker(NodeBlocks.Local(_node)).WalkAsync([root]).ToListAsync();
}
