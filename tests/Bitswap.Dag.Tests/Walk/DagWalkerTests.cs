using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Walk;

public sealed class DagWalkerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly GraphStore _store = new();

    [Fact]
    public async Task Blocks_come_depth_first_in_the_order_of_the_links_and_once()
    {
        Cid a = _store.Raw(1), b = _store.Raw(2), c = _store.Raw(3);
        Cid left = _store.Node(("a", a), ("b", b));
        Cid right = _store.Node(("b", b), ("c", c), ("d", a));
        Cid root = _store.Node(("1", left), ("2", right), ("3", left), ("4", c));
        List<DagWalkItem> items = await WalkAsync([root]);
        Assert.Equal([root, left, a, b, right, c], items.Select(item => item.Cid));
        Assert.Equal(["", "1", "1/a", "1/b", "2", "2/c"], items.Select(item => item.Path));
        Assert.Equal([null, root, left, left, root, right], items.Select(item => item.Parent));
        Assert.Equal([0, 1, 2, 2, 1, 2], items.Select(item => item.Depth));
        Assert.All(items, item => Assert.Equal((DagWalkState.Present, root), (item.State, item.Root)));
        Assert.Equal(items.Count, _store.Asked.Count);
    }

    [Fact]
    public async Task A_block_is_visited_where_it_is_first_seen_though_a_later_link_was_read_ahead()
    {
        Cid shared = _store.Raw(9);
        Cid deep = _store.Node(("x", _store.Node(("y", shared))));
        List<DagWalkItem> items = await WalkAsync([_store.Node(("a", deep), ("b", shared))]);
        Assert.Equal(["", "a", "a/x", "a/x/y"], items.Select(item => item.Path));
    }

    [Fact]
    public async Task Several_roots_are_walked_one_after_the_other()
    {
        Cid leaf = _store.Raw(1);
        Cid one = _store.Node(("a", leaf)), two = _store.Node(("b", leaf));
        List<DagWalkItem> items = await WalkAsync([one, two, one]);
        Assert.Equal([one, leaf, two], items.Select(item => item.Cid));
        Assert.Equal([one, one, two], items.Select(item => item.Root));
    }

    [Fact]
    public async Task One_hash_under_two_codecs_is_two_blocks()
    {
        Cid leaf = _store.Raw(1);
        Cid node = _store.Node(("a", leaf));
        Cid asRaw = Cid.CreateV1(Multicodec.Raw, node.Hash);
        List<DagWalkItem> items = await WalkAsync([asRaw, node], read: (cid, token) => _store.ReadAsync(cid == asRaw ? node : cid, token));
        Assert.Equal([asRaw, node, leaf], items.Select(item => item.Cid));
    }

    [Fact]
    public async Task What_is_missing_is_told_with_its_path_and_the_walk_goes_on()
    {
        Cid gone = _store.Raw(1), there = _store.Raw(2);
        Cid folder = _store.Node(("gone.txt", gone), ("there.txt", there));
        Cid lost = _store.Node(("x", there));
        Cid root = _store.Node(("folder", folder), ("lost", lost));
        _store.Remove(gone);
        _store.Remove(lost);
        List<DagWalkItem> items = await WalkAsync([root]);
        DagWalkItem[] missing = [.. items.Where(item => item.State == DagWalkState.Missing)];
        Assert.Equal(["folder/gone.txt", "lost"], missing.Select(item => item.Path));
        Assert.Equal([folder, root], missing.Select(item => item.Parent));
        Assert.All(missing, item => Assert.IsType<KeyNotFoundException>(item.Error));
        Assert.Equal(5, items.Count);
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_the_walk_goes_on()
    {
        Cid odd = _store.Add(Multicodec.GitRaw, [1]);
        Cid broken = _store.Add(Multicodec.DagCbor, [0x9f]);
        List<DagWalkItem> items = await WalkAsync([_store.Node(("a", odd), ("b", broken), ("c", _store.Raw(1)))]);
        Assert.Equal(
            [DagWalkState.Present, DagWalkState.Unreadable, DagWalkState.Unreadable, DagWalkState.Present], items.Select(item => item.State));
        Assert.Equal(
            [null, DagErrorIds.UnsupportedCodec, DagErrorIds.InvalidDagCbor, null], items.Select(item => (item.Error as DagException)?.ErrorId));
        Assert.Equal(1, items[1].Size);
    }

    [Fact]
    public async Task The_slots_of_sharded_directories_and_nameless_links_do_not_show_in_paths()
    {
        Cid file = _store.Node(("", _store.Raw(1)), ("", _store.Raw(2)));
        Cid root = Shard(("01other.txt", _store.Raw(3)), ("FF", Shard(("0Afile.txt", file))));
        List<DagWalkItem> items = await WalkAsync([_store.Node(("folder", root))]);
        Assert.Equal(
            ["", "folder", "folder/other.txt", "folder", "folder/file.txt", "folder/file.txt", "folder/file.txt"], items.Select(item => item.Path));
    }

    [Fact]
    public async Task The_block_of_zero_bytes_is_walked_without_being_asked_for()
    {
        Cid nothing = Cid.Compute(Multicodec.Raw, []);
        Cid root = _store.Node(("empty", nothing));
        foreach (LeafSizer? leafSize in (LeafSizer?[])[null, (_, _, _) => default])
        {
            List<DagWalkItem> items = await WalkAsync([root], new DagWalkOptions { LeafSize = leafSize });
            Assert.Equal([(root, DagWalkState.Present), (nothing, DagWalkState.Present)], items.Select(item => (item.Cid, item.State)));
            Assert.Equal(0, items[1].Size);
        }

        Assert.DoesNotContain(nothing, _store.Asked);
    }

    [Fact]
    public async Task What_no_block_may_be_named_is_missing_and_not_asked_for()
    {
        Cid identity = Cid.Compute(Multicodec.Raw, new byte[129], MultihashCode.Identity);
        Cid shortDigest = Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Sha256, [1], 16));
        Cid root = _store.Node(("a", identity), ("b", shortDigest));
        foreach (LeafSizer? leafSize in (LeafSizer?[])[null, (_, _, _) => new(1)])
        {
            List<DagWalkItem> items = await WalkAsync([root], new DagWalkOptions { LeafSize = leafSize });
            Assert.Equal([DagWalkState.Present, DagWalkState.Missing, DagWalkState.Missing], items.Select(item => item.State));
            Assert.All(items[1..], item => Assert.Equal(DagErrorIds.InvalidMultihash, Assert.IsType<DagException>(item.Error).ErrorId));
        }

        Assert.All(_store.Asked, asked => Assert.Equal(root, asked));
    }

    [Fact]
    public async Task Links_of_cbor_json_and_identity_cids_are_followed_and_identity_is_not_fetched()
    {
        Cid leaf = _store.Raw(1);
        Cid identity = Cid.Compute(Multicodec.DagPb, new DagPbNode([new(leaf, "in", 0)], null).ToByteArray(), MultihashCode.Identity);
        Cid json = _store.Add(Multicodec.DagJson, System.Text.Encoding.UTF8.GetBytes($$"""{"/":"{{identity}}"}"""));
        Cid cbor = _store.Add(Multicodec.DagCbor, [0xd8, 0x2a, 0x58, (byte)(json.ByteLength + 1), 0, .. json.Bytes]);
        List<DagWalkItem> items = await WalkAsync([cbor]);
        Assert.Equal([cbor, json, identity, leaf], items.Select(item => item.Cid));
        Assert.Equal([cbor, json, leaf], _store.Asked);
    }

    [Fact]
    public async Task Leaves_may_be_looked_up_by_their_size_and_those_of_which_none_is_said_are_read()
    {
        Cid there = _store.Raw(1), gone = _store.Raw(2), read = _store.Raw(3, 3);
        Cid root = _store.Node(("a", there), ("b", gone), ("c", read));
        _store.Remove(gone);
        List<DagWalkItem> items = await WalkAsync(
            [root], new DagWalkOptions { LeafSize = (cid, _, _) => ValueTask.FromResult<long?>(cid == there ? 77 : null) });
        Assert.Equal([root, gone, read], _store.Asked);
        Assert.Equal([DagWalkState.Present, DagWalkState.Missing, DagWalkState.Present], items.Skip(1).Select(item => item.State));
        Assert.Equal([77, null, 2], items.Skip(1).Select(item => item.Size));
        Assert.IsType<KeyNotFoundException>(items[2].Error);
    }

    [Fact]
    public async Task A_leaf_is_looked_up_with_the_size_that_the_block_above_says()
    {
        Cid leaf = _store.Raw(1, 2, 3);
        UnixFsData file = new() { Type = UnixFsType.File, FileSize = 3, BlockSizes = [3] };

        // a file says it by its own numbers, whatever the link claims; other blocks by their links; and others not at all
        Assert.Equal(3, await ClaimOf(new DagPbNode([new DagPbLink(leaf, "", 99)], file.Encode())));
        Assert.Equal(99, await ClaimOf(new DagPbNode([new DagPbLink(leaf, "a", 99)], null)));
        Assert.Equal(99, await ClaimOf(new DagPbNode([new DagPbLink(leaf, "a", 99)], new byte[] { 0xff })));
        Assert.Null(await ClaimOf(new DagPbNode([new DagPbLink(leaf, "a", 0) { HasTsize = false }], null)));
        Assert.Null(await ClaimBelow(_store.Add(Multicodec.DagJson, System.Text.Encoding.UTF8.GetBytes($$"""{"/":"{{leaf}}"}"""))));
        Assert.Null(await ClaimBelow(leaf));

        Task<long?> ClaimOf(DagPbNode node) => ClaimBelow(_store.Add(Multicodec.DagPb, node.ToByteArray()));
        async Task<long?> ClaimBelow(Cid root)
        {
            List<long?> claims = [];
            await WalkAsync([root], new DagWalkOptions
            {
                LeafSize = (_, claimed, _) =>
                {
                    claims.Add(claimed);
                    return ValueTask.FromResult<long?>(3);
                },
            });
            return Assert.Single(claims);
        }
    }

    [Fact]
    public async Task The_next_blocks_are_asked_for_ahead_and_no_more_than_that()
    {
        Cid[] leaves = [.. Enumerable.Range(0, 100).Select(i => _store.Raw((byte)i))];
        Cid root = _store.Node([.. leaves.Select((leaf, i) => ($"{i:D3}", leaf))]);
        foreach (Cid leaf in leaves)
        {
            _store.Gates[leaf] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        var walker = new DagWalker(_store.ReadAsync, new DagWalkOptions { ReadAhead = 8 });
        await using IAsyncEnumerator<DagWalkItem> walk = walker.WalkAsync([root]).GetAsyncEnumerator();
        Assert.True(await walk.MoveNextAsync());
        ValueTask<bool> next = walk.MoveNextAsync();
        Assert.Equal([root, .. leaves[..8]], _store.Asked);

        // The order is that of the links, whichever block comes first.
        _store.Gates[leaves[1]].SetResult();
        Assert.False(next.IsCompleted);
        _store.Gates[leaves[0]].SetResult();
        Assert.True(await next.AsTask().WaitAsync(_patience));
        Assert.Equal(leaves[0], walk.Current.Cid);
        Assert.True(await walk.MoveNextAsync().AsTask().WaitAsync(_patience));
        Assert.Equal(leaves[1], walk.Current.Cid);
    }

    [Fact]
    public async Task What_is_held_ahead_is_bounded_by_its_bytes()
    {
        Cid[] leaves = [.. Enumerable.Range(0, 30).Select(i => _store.Add(Multicodec.Raw, [(byte)i, .. new byte[1 << 20]]))];
        Cid root = _store.Node([.. leaves.Select((leaf, i) => ($"{i:D2}", leaf))]);
        var walker = new DagWalker(_store.ReadAsync, new DagWalkOptions { MaxHeldBytes = 10 << 20 });
        await using IAsyncEnumerator<DagWalkItem> walk = walker.WalkAsync([root]).GetAsyncEnumerator();
        Assert.True(await walk.MoveNextAsync());
        Assert.True(await walk.MoveNextAsync());

        // Each has a byte more than 1 MiB, so nine are held when a tenth would go over.
        Assert.Equal(1 + 9, _store.Asked.Count);
        int rest = 0;
        while (await walk.MoveNextAsync())
        {
            rest++;
        }

        Assert.Equal(29, rest);
    }

    [Fact]
    public async Task Leaving_a_walk_ends_what_was_asked_for()
    {
        Cid leaf = _store.Raw(1);
        Cid root = _store.Node(("a", leaf));
        _store.Gates[leaf] = new TaskCompletionSource();
        IAsyncEnumerator<DagWalkItem> walk = new DagWalker(_store.ReadAsync).WalkAsync([root, leaf]).GetAsyncEnumerator();
        Assert.True(await walk.MoveNextAsync());
        await walk.DisposeAsync().AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task Cancelling_ends_a_walk_that_waits()
    {
        Cid leaf = _store.Raw(1);
        _store.Gates[leaf] = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        Task<List<DagWalkItem>> walk = WalkAsync([leaf], cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => walk.WaitAsync(_patience));
    }

    [Fact]
    public async Task Depth_count_and_waiting_links_are_bounded()
    {
        Cid chain = _store.Raw(1);
        for (int i = 0; i < 5; i++)
        {
            chain = _store.Node(("n", chain), ("o", _store.Raw(2, (byte)i)));
        }

        Assert.Equal(11, (await WalkAsync([chain], new DagWalkOptions { MaxDepth = 5, MaxBlocks = 11, MaxPendingLinks = 6 })).Count);
        await FailsAsync(chain, new DagWalkOptions { MaxDepth = 4 }, "deeper than 4");
        await FailsAsync(chain, new DagWalkOptions { MaxBlocks = 10 }, "more than 10 blocks");
        await FailsAsync(chain, new DagWalkOptions { MaxPendingLinks = 5 }, "more than 5 links");
        Assert.Equal(DagWalkState.Unreadable, (await WalkAsync([chain], new DagWalkOptions { Limits = new DagLimits { MaxLinks = 1 } }))[0].State);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { ReadAhead = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { ReadAhead = 4097 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxHeldBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxHeldBytes = (1L << 40) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxDepth = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxDepth = (1 << 20) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxBlocks = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxBlocks = 1L << 31 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxPendingLinks = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagWalkOptions { MaxPendingLinks = (1 << 26) + 1 });
    }

    [Fact]
    public Task Any_graph_is_walked_as_a_plain_recursion_would() => Seeded.RunAsync(50, async random =>
    {
        var store = new GraphStore();
        List<Cid> made = [store.Raw(0)];
        var links = new Dictionary<Cid, Cid[]>();
        for (int i = 1; i < 60; i++)
        {
            (string Name, Cid Cid)[] named = [.. Enumerable.Range(0, random.Next(0, 6)).Select(n => ($"{i}-{n}", made[random.Next(made.Count)]))];
            Cid leaf = store.Raw((byte)i);
            Cid cid = store.Node([.. named, ("z", leaf)]);
            links[cid] = [.. named.Select(link => link.Cid), leaf];
            made.Add(cid);
        }

        List<Cid> expected = [];
        void Visit(Cid cid)
        {
            if (!expected.Contains(cid))
            {
                expected.Add(cid);
                Array.ForEach(links.GetValueOrDefault(cid) ?? [], Visit);
            }
        }

        Visit(made[^1]);
        List<Cid> found = [];
        await foreach (DagWalkItem item in new DagWalker(store.ReadAsync, new DagWalkOptions { ReadAhead = random.Next(1, 20) }).WalkAsync([made[^1]]))
        {
            found.Add(item.Cid);
        }

        Assert.Equal(expected, found);
        Assert.Equal(found.Count, store.Asked.Count);
    });

    private Cid Shard(params (string Name, Cid Cid)[] links)
    {
        byte[] data = new UnixFsData { Type = UnixFsType.HamtShard, Data = new byte[] { 1 }, HashType = 0x22, Fanout = 256 }.Encode();
        return _store.Add(
            Multicodec.DagPb, new DagPbNode([.. links.Select(link => new DagPbLink(link.Cid, link.Name, 0))], data).ToByteArray());
    }

    private async Task FailsAsync(Cid root, DagWalkOptions options, string why)
    {
        DagException error = await Assert.ThrowsAsync<DagException>(() => WalkAsync([root], options));
        Assert.Equal((DagErrorIds.DagLimitExceeded, root), (error.ErrorId, error.Cid));
        Assert.Contains(why, error.Message);
    }

    private async Task<List<DagWalkItem>> WalkAsync(
        Cid[] roots, DagWalkOptions? options = null, BlockReader? read = null, CancellationToken cancellationToken = default)
    {
        List<DagWalkItem> items = [];
        await foreach (DagWalkItem item in new DagWalker(read ?? _store.ReadAsync, options).WalkAsync(roots, cancellationToken))
        {
            items.Add(item);
        }

        return items;
    }
}
