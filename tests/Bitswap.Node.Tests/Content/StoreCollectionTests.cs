using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;

namespace Bitswap.Node.Tests.Content;

public sealed class StoreCollectionTests : IAsyncLifetime
{
    private readonly MemoryNetwork _network = new(seed: 1);
    private NodeHost _node = null!;

    public async ValueTask InitializeAsync() => _node = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task What_is_pinned_or_below_a_recursive_pin_stays_and_the_rest_goes()
    {
        Cid leaf = await RawAsync(1), other = await RawAsync(2), loose = await RawAsync(3);
        Cid inner = await NodeAsync(leaf);
        Cid root = await NodeAsync(inner);
        Cid direct = await NodeAsync(other);
        await _node.Pins.AddAsync([root.ToV0()], recursive: true);
        await _node.Pins.AddAsync([direct], recursive: false);
        await using (StoreCollection collection = await _node.BeginCollectionAsync())
        {
            Assert.Equal([other.Hash, loose.Hash], collection.Candidates.Select(block => block.Cid.Hash).Order());
            Assert.Equal((4, 4), (collection.Bytes, collection.Kept));
            Assert.Equal(2, (await RemoveAsync(collection)).Count);
        }

        Assert.Equal((bool[])[true, false, false, true, true, true], await HaveAsync(leaf, other, loose, inner, root, direct));
    }

    [Fact]
    public async Task Below_given_roots_only_what_is_not_needed_otherwise_goes()
    {
        Cid shared = await RawAsync(1), own = await RawAsync(2), elsewhere = await RawAsync(3);
        Cid kept = await NodeAsync(shared);
        Cid going = await NodeAsync(shared, own);
        await _node.Pins.AddAsync([kept], recursive: true);
        await using (StoreCollection collection = await _node.BeginCollectionAsync([going]))
        {
            Assert.Equal([going, own], collection.Candidates.Select(block => block.Cid));
            await RemoveAsync(collection);
        }

        Assert.Equal((bool[])[true, false, true, true, false], await HaveAsync(shared, own, elsewhere, kept, going));
    }

    [Fact]
    public async Task A_pinned_graph_that_is_not_whole_stops_it_unless_it_is_forced()
    {
        Cid leaf = await RawAsync(1);
        Cid inner = await NodeAsync(leaf);
        Cid root = await NodeAsync(inner);
        await _node.Pins.AddAsync([root], recursive: true);
        await _node.RemoveBlockAsync(inner);
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => _node.BeginCollectionAsync());
        Assert.Equal("PinIncomplete", error.ErrorId);
        Assert.Equal(inner, error.Subject);
        await using (StoreCollection forced = await _node.BeginCollectionAsync(force: true))
        {
            Assert.Equal([leaf.Hash], forced.Candidates.Select(block => block.Cid.Hash));
        }

        // Below a missing leaf there is nothing, so it hinders nobody.
        Cid other = await NodeAsync(leaf);
        await _node.Pins.RemoveAsync(root);
        await _node.Pins.AddAsync([other], recursive: true);
        await _node.RemoveBlockAsync(leaf);
        await using StoreCollection whole = await _node.BeginCollectionAsync();
        Assert.Equal([root.Hash], whole.Candidates.Select(block => block.Cid.Hash));
    }

    [Fact]
    public async Task What_is_put_while_somebody_holds_stays_until_the_last_lets_go()
    {
        Cid before = await RawAsync(1);
        GcLock hold = _node.TakeGcLock();
        GcLock second = _node.TakeGcLock();
        Cid during = await RawAsync(2);
        hold.Dispose();
        hold.Dispose();
        await using (StoreCollection collection = await _node.BeginCollectionAsync())
        {
            Assert.Equal([before.Hash], collection.Candidates.Select(block => block.Cid.Hash));
        }

        // A block that was there before is in flight as well once it is put again.
        await RawAsync(1);
        await using (StoreCollection collection = await _node.BeginCollectionAsync())
        {
            Assert.Empty(collection.Candidates);
        }

        second.Dispose();
        await using StoreCollection last = await _node.BeginCollectionAsync();
        Assert.Equal(2, last.Candidates.Count);
        Assert.Equal((bool[])[true, true], await HaveAsync(before, during));
    }

    [Fact]
    public async Task What_is_put_while_it_removes_stays()
    {
        Cid one = await RawAsync(1), two = await RawAsync(2);
        await using (StoreCollection collection = await _node.BeginCollectionAsync())
        {
            Assert.Equal(2, collection.Candidates.Count);
            await RawAsync(1);
            Assert.Equal([two.Hash], (await RemoveAsync(collection)).Select(block => block.Cid.Hash));
        }

        Assert.Equal((bool[])[true, false], await HaveAsync(one, two));
    }

    [Fact]
    public async Task A_put_that_meets_the_removal_of_its_block_waits_for_it()
    {
        Cid cid = await RawAsync(1);
        GcLocker guard = _node.GcLocker;
        LinkedListNode<long> opened = guard.Open();
        Assert.True(guard.TryBeginRemoval(cid.Hash));
        Task put = _node.PutBlockAsync(cid, new byte[] { 1, 1 }).AsTask();
        await _node.PutBlockAsync(Cid.Compute(Multicodec.Raw, [2, 2]), new byte[] { 2, 2 });
        Assert.False(put.IsCompleted);
        await _node.RemoveBlockAsync(cid);
        guard.EndRemoval(cid.Hash);
        await put.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(guard.TryBeginRemoval(cid.Hash));
        guard.Release(opened);
        Assert.Equal((bool[])[true], await HaveAsync(cid));
    }

    [Fact]
    public async Task Pins_wait_while_it_goes_on()
    {
        Cid cid = await RawAsync(1);
        Task<bool> pinned;
        await using (StoreCollection collection = await _node.BeginCollectionAsync())
        {
            pinned = _node.Pins.AddAsync([cid], recursive: false).AsTask();
            Assert.False(pinned.IsCompleted);
        }

        Assert.True(await pinned.WaitAsync(TimeSpan.FromSeconds(30)));
        await using StoreCollection after = await _node.BeginCollectionAsync();
        Assert.Empty(after.Candidates);
    }

    [Fact]
    public async Task What_comes_from_a_peer_while_somebody_holds_stays()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        Cid cid = Cid.Compute(Multicodec.Raw, [9, 9]);
        await provider.PutBlockAsync(cid, new byte[] { 9, 9 });
        await _node.ConnectAsync(provider.Addresses);
        using GcLock hold = _node.TakeGcLock();
        await _node.GetBlockAsync(cid, new WantOptions { Timeout = TimeSpan.FromSeconds(30) });
        await using StoreCollection collection = await _node.BeginCollectionAsync();
        Assert.Empty(collection.Candidates);
        Assert.Equal(1, collection.Kept);
    }

    [Fact]
    public async Task Pins_of_a_repository_are_there_when_it_is_opened_again()
    {
        using TempFolder folder = new();
        Cid cid = Cid.Compute(Multicodec.Raw, [1]);
        await using (NodeHost first = await NodeHost.StartAsync(new NodeOptions { Path = folder.Path, Network = _network.CreatePeer() }))
        {
            await first.Pins.AddAsync([cid], recursive: true, "kept");
        }

        await using NodeHost second = await NodeHost.StartAsync(new NodeOptions { Path = folder.Path, Network = _network.CreatePeer() });
        Assert.Equal("kept", second.Pins.Find(cid)?.Name);
    }

    private async Task<Cid> RawAsync(byte n)
    {
        Cid cid = Cid.Compute(Multicodec.Raw, [n, n]);
        await _node.PutBlockAsync(cid, new[] { n, n });
        return cid;
    }

    private async Task<Cid> NodeAsync(params Cid[] links)
    {
        byte[] block = new DagPbNode([.. links.Select(link => new DagPbLink(link, "", 0))], null).ToByteArray();
        Cid cid = Cid.Compute(Multicodec.DagPb, block);
        await _node.PutBlockAsync(cid, block);
        return cid;
    }

    private static async Task<List<StoredBlock>> RemoveAsync(StoreCollection collection)
    {
        List<StoredBlock> removed = [];
        await foreach (StoredBlock block in collection.RemoveAsync())
        {
            removed.Add(block);
        }

        return removed;
    }

    private async Task<bool[]> HaveAsync(params Cid[] cids)
    {
        bool[] have = new bool[cids.Length];
        for (int i = 0; i < cids.Length; i++)
        {
            have[i] = await _node.Blocks.GetSizeAsync(cids[i], default) is not null;
        }

        return have;
    }
}
