using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Providing;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Providing;

/// <summary>Which blocks are announced.</summary>
public sealed class ProvidedBlocksTests : IAsyncLifetime
{
    private readonly MemoryNetwork _network = new(seed: 1);
    private readonly Block _loose = Samples.Block(7);
    private readonly Block _single = Samples.Block(8);
    private NodeHost _node = null!;
    private Cid _pinned = null!;
    private Cid _added = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Routing = new RoutingOptions { MaxProvideKeys = 40 } });
        await Samples.PutAsync(_node, [_loose, _single]);
        _pinned = await AddAsync(1);
        await _node.PinAsync(_pinned, recursive: true);
        await _node.PinAsync(_single.Cid, recursive: false);
        _added = await AddAsync(2);
        _node.NoteRoot(_added);
    }

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Roots_are_what_is_pinned_and_what_was_added_and_is_still_stored()
    {
        _node.NoteRoot(Samples.Block(99).Cid);

        Assert.Equal(Hashes(_pinned, _single.Cid, _added), await ListAsync(ProvideStrategy.Roots));

        await _node.RemoveBlockAsync(_added);
        await _node.UnpinAsync(_single.Cid);
        Assert.Equal(Hashes(_pinned), await ListAsync(ProvideStrategy.Roots));
    }

    [Fact]
    public async Task Pinned_are_the_blocks_below_recursive_pins_and_the_others_themselves()
    {
        string[] pinned = await ListAsync(ProvideStrategy.Pinned);

        // a root and ten leaves, and the single one
        Assert.Equal(12, pinned.Length);
        Assert.Contains(Hashes(_pinned)[0], pinned);
        Assert.Contains(Hashes(_single.Cid)[0], pinned);
        Assert.DoesNotContain(Hashes(_added)[0], pinned);
    }

    [Fact]
    public async Task A_pin_has_its_own_blocks_and_one_that_is_missing_is_none_of_them()
    {
        ProvidedBlocks blocks = _node.BlocksOf(ProvideStrategy.Pinned);
        ProvideKeys whole = await blocks.ListPinAsync(_node.Pins.Find(_pinned)!, default);
        Assert.Equal(11, whole.Count);
        Cid leaf = Cid.CreateV1(0x55, Multihash.FromBytes(Enumerable.Range(0, 11).Select(whole.KeyAt).First(key => !key.AsSpan().SequenceEqual(_pinned.Hash.Bytes))));
        await _node.RemoveBlockAsync(leaf);

        Assert.Equal(10, (await blocks.ListPinAsync(_node.Pins.Find(_pinned)!, default)).Count);
        Assert.Equal(1, (await blocks.ListPinAsync(_node.Pins.Find(_single.Cid)!, default)).Count);
    }

    [Fact]
    public async Task All_is_every_block_that_is_stored_and_none_that_follows_from_its_CID()
    {
        await _node.PutBlockAsync(Cid.Compute(0x55, []), ReadOnlyMemory<byte>.Empty);

        string[] all = await ListAsync(ProvideStrategy.All);

        Assert.Equal(2 + 11 + 11, all.Length);
        Assert.Contains(Hashes(_loose.Cid)[0], all);
    }

    [Theory]
    [InlineData(ProvideStrategy.All)]
    [InlineData(ProvideStrategy.Pinned)]
    public async Task No_more_are_listed_than_the_option_allows(ProvideStrategy strategy)
    {
        await _node.PinAsync(await AddAsync(3), recursive: true);
        await _node.PinAsync(await AddAsync(4), recursive: true);
        await _node.PinAsync(await AddAsync(5), recursive: true);

        ProvideKeys keys = await _node.BlocksOf(strategy).ListAsync(default);

        Assert.Equal(40, keys.Count);
        Assert.True(keys.LeftOut > 0);
    }

    [Fact]
    public void Roots_are_remembered_up_to_a_bound()
    {
        RootSet roots = new();
        for (int i = 0; i < RootSet.MaxRoots + 10; i++)
        {
            roots.Add(Cid.Compute(0x55, BitConverter.GetBytes(i)));
        }

        roots.Add(Cid.Compute(0x55, BitConverter.GetBytes(0)));

        Assert.Equal(RootSet.MaxRoots, roots.List().Count);
    }

    private static string[] Hashes(params Cid[] cids) => [.. cids.Select(cid => Convert.ToHexString(cid.Hash.Bytes)).Order(StringComparer.Ordinal)];

    private async Task<string[]> ListAsync(ProvideStrategy strategy)
    {
        ProvideKeys keys = await _node.BlocksOf(strategy).ListAsync(default);
        return [.. Enumerable.Range(0, keys.Count).Select(keys.KeyAt).Select(Convert.ToHexString).Order(StringComparer.Ordinal)];
    }

    private async Task<Cid> AddAsync(int seed)
    {
        byte[] content = new byte[10_000];
        new Random(seed).NextBytes(content);
        await using NodeImport import = _node.BeginImport(new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(1000) } });
        return (await import.AddAsync(new MemoryStream(content))).Cid;
    }
}
