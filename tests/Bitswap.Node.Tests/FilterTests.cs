using System.Collections.Concurrent;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests;

public sealed class FilterTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 5);

    [Fact]
    public async Task What_is_denied_is_not_here_as_far_as_that_peer_is_told()
    {
        Block open = Samples.Block(1);
        Block secret = Samples.Block(2);
        PeerId? friend = null;
        await using NodeHost provider = await StartAsync((peer, cid, _) => ValueTask.FromResult(!cid.Equals(secret.Cid) || peer.Equals(friend)));
        await using NodeHost getter = await StartAsync();
        await using NodeHost other = await StartAsync();
        friend = other.PeerId;
        await Samples.PutAsync(provider, [open, secret]);
        await getter.ConnectAsync(provider.Addresses);
        await other.ConnectAsync(provider.Addresses);

        await getter.GetBlockAsync(open.Cid, Fetch).AsTask().WaitAsync(_patience);
        await other.GetBlockAsync(secret.Cid, Fetch).AsTask().WaitAsync(_patience);
        BlockUnavailableException denied = await Assert.ThrowsAsync<BlockUnavailableException>(() => getter.GetBlockAsync(secret.Cid, Fetch).AsTask().WaitAsync(_patience));

        Assert.Equal(PeerAnswerKind.DontHave, Assert.Single(denied.Asked).Kind);
        NodeStat stat = await provider.GetStatAsync();
        Assert.Equal(1, stat.FilterDenied);
        Assert.Equal(0, stat.FilterFailed);
        Assert.Equal(1, stat.Engine.PeerWantsDenied);
    }

    [Fact]
    public async Task A_filter_that_throws_denies_and_is_counted()
    {
        await using NodeHost provider = await StartAsync((_, _, _) => throw new InvalidOperationException("a filter of anyone's"));
        await using NodeHost getter = await StartAsync();
        Block block = Samples.Block(1);
        await Samples.PutAsync(provider, [block]);
        await getter.ConnectAsync(provider.Addresses);

        await Assert.ThrowsAsync<BlockUnavailableException>(() => getter.GetBlockAsync(block.Cid, Fetch).AsTask().WaitAsync(_patience));

        NodeStat stat = await provider.GetStatAsync();
        Assert.Equal((1, 1, 0), (stat.FilterDenied, stat.FilterFailed, stat.FilterLate));
        Assert.True(provider.IsRunning);
    }

    [Fact]
    public async Task A_filter_that_takes_too_long_denies_and_its_token_is_cancelled()
    {
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FakeTimeProvider clock = new();
        await using NodeHost provider = await StartAsync(
            async (_, _, over) =>
            {
                using CancellationTokenRegistration told = over.Register(() => cancelled.TrySetResult());
                entered.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, over);
                return true;
            },
            options => options with { Clock = clock, FilterTimeout = TimeSpan.FromSeconds(3) });
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        Block block = Samples.Block(1);
        await Samples.PutAsync(provider, [block]);
        await peer.ConnectAsync(provider);

        await peer.SendAsync(provider, Ask(block.Cid));
        await entered.Task.WaitAsync(_patience);
        clock.Advance(TimeSpan.FromSeconds(3));

        await cancelled.Task.WaitAsync(_patience);
        BlockPresence answer = Assert.Single((await peer.ReceiveAsync()).Presences);
        Assert.Equal(new BlockPresence(block.Cid, PresenceType.DontHave), answer);
        Assert.Equal(1, (await provider.GetStatAsync()).FilterLate);
    }

    [Fact]
    public async Task A_filter_that_hangs_delays_only_the_answers_to_its_peer()
    {
        using SemaphoreSlim hang = new(0);
        Block wanted = Samples.Block(1);
        Block ours = Samples.Block(2);
        PeerId? slow = null;
        await using NodeHost node = await StartAsync((peer, _, _) =>
        {
            if (peer.Equals(slow))
            {
                // blocks its thread, as a careless filter does, and heeds no token
                Assert.True(hang.Wait(_patience, CancellationToken.None));
            }

            return ValueTask.FromResult(true);
        });
        await using RawPeer stuck = await RawPeer.StartAsync(_network.CreatePeer());
        await using NodeHost other = await StartAsync();
        slow = stuck.PeerId;
        await Samples.PutAsync(node, [wanted]);
        await stuck.ConnectAsync(node);
        await other.ConnectAsync(node.Addresses);
        NodeWant want = await node.WantAsync(ours.Cid, new WantOptions());

        await stuck.SendAsync(node, new BitswapMessage { Wantlist = [Entry(wanted.Cid)], Blocks = [ours] });
        await want.Completion.WaitAsync(_patience);
        await other.GetBlockAsync(wanted.Cid, Fetch).AsTask().WaitAsync(_patience);

        Assert.Empty(await node.GetPeerWantlistAsync(stuck.PeerId));
        hang.Release();
        while ((await stuck.ReceiveAsync()).Blocks.Count == 0)
        {
            // our want of the other block comes before
        }
    }

    [Fact]
    public async Task A_cancel_does_not_overtake_its_want_in_the_filter()
    {
        TaskCompletionSource<bool> decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Cid first = Samples.Block(1).Cid;
        Cid last = Samples.Block(2).Cid;
        await using NodeHost node = await StartAsync((_, cid, _) =>
        {
            entered.TrySetResult();
            return cid.Equals(first) ? new ValueTask<bool>(decision.Task) : ValueTask.FromResult(true);
        });
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);

        await peer.SendAsync(node, Ask(first));
        await entered.Task.WaitAsync(_patience);
        await peer.SendAsync(node, new BitswapMessage { Wantlist = [new WantlistEntry(first, 0, true, WantType.Block, false)] });
        await peer.SendAsync(node, Ask(last));
        decision.SetResult(true);
        await Poll.UntilAsync(async () => (await node.GetPeerWantlistAsync(peer.PeerId)).Any(item => item.Cid.Equals(last)));

        Assert.Equal(last, Assert.Single(await node.GetPeerWantlistAsync(peer.PeerId)).Cid);
    }

    [Fact]
    public async Task So_many_calls_run_at_once_and_no_more()
    {
        ConcurrentDictionary<PeerId, bool> inside = new();
        TaskCompletionSource<bool> decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using NodeHost node = await StartAsync(
            (peer, _, _) =>
            {
                inside.TryAdd(peer, true);
                return new ValueTask<bool>(decision.Task);
            },
            options => options with { FilterParallelism = 2, FilterTimeout = _patience });
        List<RawPeer> peers = [];
        for (int i = 0; i < 4; i++)
        {
            RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
            peers.Add(peer);
            await peer.ConnectAsync(node);
            await peer.SendAsync(node, Ask(Samples.Block(i).Cid));
        }

        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.MessagesReceived == 4 && inside.Count >= 2);
        Assert.Equal(2, inside.Count);
        decision.SetResult(true);
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.PeerWants == 4);
        foreach (RawPeer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    private static WantOptions Fetch => new() { FailFast = true, Timeout = _patience };

    private static WantlistEntry Entry(Cid cid) => new(cid, 1, false, WantType.Block, true);

    private static BitswapMessage Ask(Cid cid) => new() { Wantlist = [Entry(cid)] };

    private Task<NodeHost> StartAsync(BlockFilter? filter = null, Func<NodeOptions, NodeOptions>? change = null)
    {
        NodeOptions options = new() { Network = _network.CreatePeer(), Seed = 1, Filter = filter };
        return NodeHost.StartAsync(change?.Invoke(options) ?? options);
    }
}
