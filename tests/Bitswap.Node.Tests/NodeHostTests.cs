using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests;

public sealed class NodeHostTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 1);

    [Fact]
    public async Task Blocks_move_from_one_node_to_another()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(500, 4000);
        await Samples.PutAsync(provider, blocks);
        await getter.ConnectAsync(provider.Addresses);

        IReadOnlyList<NodeWant> wants = await getter.WantAsync([.. blocks.Select(block => block.Cid)], Fetch(getter));
        Block[] got = await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);

        Assert.Equal(blocks.Select(block => block.Cid), got.Select(block => block.Cid));
        Assert.All(got, block => Assert.True(block.Cid.Hash.Matches(block.Data.Span)));
        Assert.All(wants, want => Assert.Equal(provider.PeerId, want.From));
        Assert.All(wants, want => Assert.Equal(NodeWantState.Received, want.State));
        Assert.NotNull(await getter.ReadLocalAsync(blocks[0].Cid));
    }

    [Fact]
    public async Task Blocks_move_over_TCP_Noise_and_yamux()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions());
        Block[] blocks = Samples.Blocks(64, 300_000);
        await Samples.PutAsync(provider, blocks);
        PeerSnapshot peer = await getter.ConnectAsync(provider.Addresses);

        IReadOnlyList<NodeWant> wants = await getter.WantAsync([.. blocks.Select(block => block.Cid)], Fetch(getter));
        Block[] got = await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);

        Assert.Equal(BitswapVersion.V120, peer.Version);
        Assert.Equal(64, got.Length);
        NodeStat stat = await getter.GetStatAsync();
        Assert.Equal(64, stat.Engine.BlocksReceived);
        Assert.Equal(64 * 300_000, stat.Engine.BytesReceived);
    }

    [Theory]
    [InlineData(BitswapVersion.V120)]
    [InlineData(BitswapVersion.V110)]
    [InlineData(BitswapVersion.V100)]
    [InlineData(BitswapVersion.Unversioned)]
    public async Task Each_version_of_the_protocol_moves_blocks(BitswapVersion version)
    {
        await using NodeHost provider = await StartAsync(options => options with { ProtocolVersions = [version] });
        await using NodeHost getter = await StartAsync();
        Block block = Samples.Block(7);
        await Samples.PutAsync(provider, [block]);
        PeerSnapshot peer = await getter.ConnectAsync(provider.Addresses);

        Block got = await getter.GetBlockAsync(block.Cid, Fetch(getter)).AsTask().WaitAsync(_patience);

        Assert.Equal(version, peer.Version);
        Assert.True(got.Data.Span.SequenceEqual(block.Data.Span));
    }

    [Fact]
    public async Task A_block_of_the_store_needs_no_peer()
    {
        await using NodeHost node = await StartAsync();
        Block block = Samples.Block(1);
        await Samples.PutAsync(node, [block]);

        NodeWant want = await node.WantAsync(block.Cid, new WantOptions());

        Assert.True((await want.Completion.WaitAsync(_patience)).Data.Span.SequenceEqual(block.Data.Span));
        Assert.Null(want.From);
    }

    [Fact]
    public async Task A_store_that_throws_ends_the_want_and_not_the_node()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync(options => options with { Blockstore = new FailingBlockstore() });
        Block block = Samples.Block(11);
        await Samples.PutAsync(provider, [block]);
        await getter.ConnectAsync(provider.Addresses);

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(
            () => getter.GetBlockAsync(block.Cid, Fetch(getter)).AsTask().WaitAsync(_patience));

        Assert.Equal("StoreFailed", failure.ErrorId);
        Assert.True(getter.IsRunning);
    }

    [Fact]
    public async Task CIDv0_and_CIDv1_of_one_hash_are_one_block()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        byte[] data = [.. "one block, two names"u8];
        Multihash hash = Multihash.Compute(MultihashCode.Sha256, data);
        await provider.PutBlockAsync(Cid.CreateV0(hash), data);
        await getter.ConnectAsync(provider.Addresses);

        Cid version1 = Cid.CreateV1(Multicodec.DagPb, hash);
        Block got = await getter.GetBlockAsync(version1, Fetch(getter)).AsTask().WaitAsync(_patience);

        Assert.Equal(version1, got.Cid);
        Assert.True(got.Data.Span.SequenceEqual(data));
    }

    [Fact]
    public async Task What_may_be_no_block_is_refused_by_one_error_at_every_door()
    {
        await using NodeHost node = await StartAsync();
        Cid shortDigest = Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Sha256, "x"u8, 19));
        Cid longIdentity = Cid.Compute(Multicodec.Raw, new byte[129], MultihashCode.Identity);
        byte[] big = new byte[BlockRule.MaxBlockSize + 1];

        foreach ((Cid cid, byte[] data) in ((Cid, byte[])[])[(shortDigest, "x"u8.ToArray()), (longIdentity, new byte[129])])
        {
            Func<Task>[] doors =
            [
                () => node.PutBlockAsync(cid, data).AsTask(),
                () => node.ReadLocalAsync(cid).AsTask(),
                () => node.GetBlockAsync(cid, new WantOptions()).AsTask(),
                async () =>
                {
                    await using FetchSession session = new(node);
                    await session.ReadAsync(cid);
                },
            ];
            foreach (Func<Task> door in doors)
            {
                BitswapException refused = await Assert.ThrowsAsync<BitswapException>(() => door().WaitAsync(_patience));
                Assert.Equal(("InvalidMultihash", BlockRule.Check(cid)!.Message), (refused.ErrorId, refused.Message));
                Assert.Equal(cid, refused.Subject);
            }
        }

        BitswapException tooLarge = await Assert.ThrowsAsync<BitswapException>(() => node.PutBlockAsync(Cid.Compute(Multicodec.Raw, big), big).AsTask());
        Assert.Equal("BlockTooLarge", tooLarge.ErrorId);
        await node.PutBlockAsync(Cid.Compute(Multicodec.Raw, big.AsSpan(1)), big.AsMemory(1));
    }

    [Fact]
    public async Task A_block_that_does_not_hash_to_its_CID_is_refused()
    {
        await using NodeHost node = await StartAsync();

        BitswapException refused = await Assert.ThrowsAsync<BitswapException>(
            () => node.PutBlockAsync(Samples.Block(1).Cid, Samples.Block(2).Data).AsTask());

        Assert.Equal("InvalidBlock", refused.ErrorId);
        Assert.Null(await node.ReadLocalAsync(Samples.Block(1).Cid));
    }

    [Fact]
    public async Task A_block_that_nobody_has_fails_with_who_was_asked()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        await getter.ConnectAsync(provider.Addresses);

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(
            () => getter.GetBlockAsync(Samples.Block(9).Cid, Fetch(getter)).AsTask().WaitAsync(_patience));

        Assert.Equal("BlockUnavailable", failure.ErrorId);
        Assert.Equal(provider.PeerId, Assert.Single(failure.Asked).Peer);
        Assert.Contains("DONT_HAVE", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_want_waits_for_a_block_that_is_added_later()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        await getter.ConnectAsync(provider.Addresses);
        Block block = Samples.Block(3);
        NodeWant want = await getter.WantAsync(block.Cid, new WantOptions());
        await Poll.UntilAsync(async () => (await provider.GetPeerWantlistAsync(getter.PeerId)).Count == 1);

        await Samples.PutAsync(provider, [block]);

        Assert.True((await want.Completion.WaitAsync(_patience)).Data.Span.SequenceEqual(block.Data.Span));
    }

    [Fact]
    public async Task A_want_waits_for_a_peer_that_connects_later()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block block = Samples.Block(4);
        await Samples.PutAsync(provider, [block]);
        NodeWant want = await getter.WantAsync(block.Cid, new WantOptions());

        await getter.ConnectAsync(provider.Addresses);

        await want.Completion.WaitAsync(_patience);
    }

    [Fact]
    public async Task One_callers_cancel_leaves_the_others_want()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block block = Samples.Block(5);
        NodeWant first = await getter.WantAsync(block.Cid, new WantOptions());
        NodeWant second = await getter.WantAsync(block.Cid, new WantOptions());

        await first.CancelAsync();
        BitswapException cancelled = await Assert.ThrowsAsync<BlockUnavailableException>(() => first.Completion.WaitAsync(_patience));
        Assert.Equal("WantCancelled", cancelled.ErrorId);
        Assert.Equal(NodeWantState.Cancelled, first.State);
        Assert.Equal(NodeWantState.Wanted, second.State);

        await Samples.PutAsync(provider, [block]);
        await getter.ConnectAsync(provider.Addresses);
        await second.Completion.WaitAsync(_patience);
    }

    [Fact]
    public async Task Cancelling_for_all_ends_every_want_of_the_CID()
    {
        await using NodeHost node = await StartAsync();
        Cid cid = Samples.Block(6).Cid;
        NodeWant first = await node.WantAsync(cid, new WantOptions());
        NodeWant second = await node.WantAsync(cid, new WantOptions());

        await node.CancelAllAsync(cid);

        await Assert.ThrowsAsync<BlockUnavailableException>(() => first.Completion.WaitAsync(_patience));
        await Assert.ThrowsAsync<BlockUnavailableException>(() => second.Completion.WaitAsync(_patience));
        Assert.Empty(await node.GetWantlistAsync());
    }

    [Fact]
    public async Task An_exclusive_want_is_told_to_nobody_else()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        await using RawPeer other = await RawPeer.StartAsync(_network.CreatePeer());
        Block block = Samples.Block(8);
        await Samples.PutAsync(provider, [block]);
        await getter.ConnectAsync(provider.Addresses);
        await other.ConnectAsync(getter);
        await Poll.UntilAsync(async () => (await getter.GetPeersAsync()).All(peer => peer.Version is not null));

        await getter.GetBlockAsync(block.Cid, Fetch(getter) with { OnlyPeers = [provider.PeerId] }).AsTask().WaitAsync(_patience);

        // what the other was ever sent holds no word of the CID; a want of its own marks the end
        Cid marker = Samples.Block(80).Cid;
        await getter.WantAsync(marker, new WantOptions());
        BitswapMessageLog log = await BitswapMessageLog.UntilAsync(other, marker);
        Assert.DoesNotContain(block.Cid, log.Cids);
    }

    [Fact]
    public async Task A_stopped_node_ends_its_wants_and_answers_every_call()
    {
        NodeHost node = await StartAsync();
        NodeWant pending = await node.WantAsync(Samples.Block(1).Cid, new WantOptions());

        await node.StopAsync().WaitAsync(_patience);

        await Stopped(() => pending.Completion.WaitAsync(_patience));
        await Stopped(() => node.WantAsync(Samples.Block(1).Cid, new WantOptions()).AsTask());
        await Stopped(() => node.PutBlockAsync(Samples.Block(1).Cid, Samples.Block(1).Data).AsTask());
        await Stopped(() => node.ReadLocalAsync(Samples.Block(1).Cid).AsTask());
        await Stopped(() => node.RemoveBlockAsync(Samples.Block(1).Cid).AsTask());
        await Stopped(() => node.ConnectAsync([Multiaddr.Parse("/ip4/127.0.0.1/tcp/1")]).AsTask());
        await Stopped(() => node.DisconnectAsync(node.PeerId).AsTask());
        await Stopped(() => node.PingAsync(node.PeerId).AsTask());
        await Stopped(() => node.GetPeersAsync().AsTask());
        await Stopped(() => node.GetWantlistAsync().AsTask());
        await Stopped(() => node.GetPeerWantlistAsync(node.PeerId).AsTask());
        await Stopped(() => node.GetStatAsync().AsTask());
        await Stopped(() => node.CancelAllAsync(Samples.Block(1).Cid).AsTask());
        Assert.False(node.IsRunning);
        await node.StopAsync();
        await pending.CancelAsync();
    }

    [Fact]
    public async Task Calls_that_race_a_stop_end()
    {
        NodeHost node = await StartAsync();
        Task[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            while (true)
            {
                await node.GetBlockAsync(Samples.Block(caller).Cid, new WantOptions { Timeout = TimeSpan.FromMilliseconds(1) });
            }
        }))];
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Uptime > TimeSpan.FromMilliseconds(20));

        await node.StopAsync().WaitAsync(_patience);

        await Task.WhenAll(callers).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(_patience);
        Assert.All(callers, caller => Assert.True(caller.Exception!.InnerException is BitswapException { ErrorId: "NodeStopped" or "Timeout" }));
    }

    [Fact]
    public async Task A_node_that_speaks_no_version_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => NodeHost.StartAsync(new NodeOptions { ProtocolVersions = [] }));
    }

    private static async Task Stopped(Func<Task> call) =>
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(call)).ErrorId);

    private static WantOptions Fetch(NodeHost node) => new() { Session = node.NewSession(), FailFast = true, Timeout = _patience };

    private Task<NodeHost> StartAsync(Func<NodeOptions, NodeOptions>? change = null)
    {
        NodeOptions options = new() { Network = _network.CreatePeer(), Seed = 1 };
        return NodeHost.StartAsync(change?.Invoke(options) ?? options);
    }
}
