using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.Walk;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Repositories;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Content;

/// <summary>What is pinned is stored whole: the one way to a pin walks, and a torn leaf is no leaf.</summary>
public sealed class PinWalkTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly MemoryNetwork _network = new(seed: 1);
    private NodeHost _node = null!;

    public async ValueTask InitializeAsync() =>
        _node = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Path = _folder["repo"] });

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_graph_that_is_whole_is_pinned_and_keeps_the_name_that_it_has()
    {
        Cid root = await AddAsync(_node, 1);
        long bytes = 0;
        Pin pin = await _node.PinAsync(root, recursive: true, "named", count: size => bytes += size);
        Assert.Equal((root, true, "named"), (pin.Cid, pin.Recursive, pin.Name));
        Assert.InRange(bytes, 10_000, 12_000);
        Assert.Equal("named", (await _node.PinAsync(root, recursive: true)).Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(-1)]
    public async Task A_graph_with_a_leaf_that_is_missing_or_torn_is_not_pinned_but_fetched(int length)
    {
        Cid root = await AddAsync(_node, 1);
        Cid leaf = await DamageLeafAsync(root, length);
        Assert.Equal(length > 0 ? length : default(long?), await _node.GetLocalSizeAsync(leaf));

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => _node.PinAsync(root, recursive: true));
        Assert.Equal(("DagIncomplete", leaf), (failure.ErrorId, failure.Subject));
        BitswapException cause = Assert.IsType<BitswapException>(failure.InnerException);
        Assert.Equal(length < 0 ? "BlockNotFound" : "StoreCorrupt", cause.ErrorId);
        Assert.Empty(_node.Pins.List());
        Assert.Equal(leaf, await GapAsync(root));

        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        Assert.Equal(root, await AddAsync(provider, 1));
        await _node.ConnectAsync(provider.Addresses);
        await using FetchSession session = new(_node);
        await _node.PinAsync(root, recursive: true, reader: session.Reader);
        Assert.NotNull(_node.Pins.Find(root));
        Assert.Null(await GapAsync(root));
        Assert.Equal(1000, session.BytesFetched);
    }

    [Fact]
    public async Task A_leaf_that_was_changed_in_place_is_found_by_reading_it()
    {
        Cid root = await AddAsync(_node, 1);
        Cid leaf = await DamageLeafAsync(root, 1000);
        Assert.Null(await GapAsync(root));
        DagWalker verifying = new(NodeBlocks.Verified(NodeBlocks.Local(_node)));
        DagWalkItem found = await verifying.WalkAsync([root]).SingleAsync(item => item.State != DagWalkState.Present);
        Assert.Equal(leaf, found.Cid);
        Assert.Equal("StoreCorrupt", Assert.IsType<BitswapException>(found.Error).ErrorId);

        // once it is known, looking it up tells it, too
        Assert.Equal(leaf, await GapAsync(root));
    }

    [Fact]
    public async Task Of_several_roots_those_that_are_whole_are_pinned_and_the_others_say_why_not()
    {
        Cid whole = await AddAsync(_node, 1), torn = await AddAsync(_node, 2), absent = Cid.Compute(0x55, [1]);
        Cid leaf = await DamageLeafAsync(torn, 0);
        IReadOnlyList<PinResult> results = await _node.PinAsync([absent, whole, torn], recursive: true);
        Assert.Equal([absent, whole, torn], results.Select(result => result.Root));
        Assert.Equal([absent, null, leaf], results.Select(result => result.Error?.Subject));
        Assert.Equal(whole, Assert.Single(_node.Pins.List()).Cid);
        Assert.Equal(whole, results[1].Pin?.Cid);
    }

    [Fact]
    public async Task A_single_block_is_read_before_it_is_pinned()
    {
        Cid root = await AddAsync(_node, 1);
        Cid leaf = await DamageLeafAsync(root, 1000);
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => _node.PinAsync(leaf, recursive: false));
        Assert.Equal("StoreCorrupt", failure.ErrorId);
        Assert.Empty(_node.Pins.List());
    }

    [Fact]
    public async Task A_collection_that_is_under_way_takes_nothing_that_a_pin_has_found()
    {
        Cid root = await AddAsync(_node, 1);
        StoreCollection collection = await _node.BeginCollectionAsync();
        Assert.Equal(11, collection.Candidates.Count);
        long found = 0;
        Task<Pin> pin = _node.PinAsync(root, recursive: true, count: size => Interlocked.Add(ref found, size));
        await Poll.UntilAsync(() => Interlocked.Read(ref found) == collection.Bytes);

        // it waits with the pin until the collection ends, as the process may end first
        Assert.Empty(await collection.RemoveAsync().ToListAsync());
        await collection.DisposeAsync();
        Assert.Equal(root, (await pin).Cid);
        Assert.Null(await GapAsync(root));
    }

    // ten leaves of 1000 bytes
    private static async Task<Cid> AddAsync(NodeHost node, int seed)
    {
        byte[] content = new byte[10_000];
        new Random(seed).NextBytes(content);
        await using NodeImport import = node.BeginImport(new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(1000) } });
        return (await import.AddAsync(new MemoryStream(content))).Cid;
    }

    // cuts the third leaf to a length, with its first byte changed; less than 0 removes it
    private async Task<Cid> DamageLeafAsync(Cid root, int length)
    {
        DagWalkItem[] items = await new DagWalker(NodeBlocks.Local(_node)).WalkAsync([root]).ToArrayAsync();
        Cid leaf = items[3].Cid;
        byte[] damaged = items[3].Data.ToArray();
        damaged[0] ^= 1;
        string file = Directory.GetFiles(_folder["repo/blocks"], "*.data", SearchOption.AllDirectories).Single(path => leaf.Hash.Matches(File.ReadAllBytes(path)));
        if (length < 0)
        {
            File.Delete(file);
        }
        else
        {
            File.WriteAllBytes(file, damaged[..length]);
        }

        return leaf;
    }

    private async Task<Cid?> GapAsync(Cid root)
    {
        DagWalker walker = new(NodeBlocks.Local(_node), new DagWalkOptions { LeafSize = NodeBlocks.LeafSize(_node) });
        return (await walker.WalkAsync([root]).SingleOrDefaultAsync(item => item.State != DagWalkState.Present))?.Cid;
    }
}
