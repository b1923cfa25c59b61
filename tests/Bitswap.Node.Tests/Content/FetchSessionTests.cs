using Bitswap.Dag.Abstractions;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Content;

public sealed class FetchSessionTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 1);

    [Fact]
    public async Task A_local_reader_asks_nobody()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(2);
        await Samples.PutAsync(provider, blocks);
        await getter.PutBlockAsync(blocks[0].Cid, blocks[0].Data);
        await getter.ConnectAsync(provider.Addresses);
        BlockReader local = NodeBlocks.Local(getter);

        Assert.Equal(blocks[0].Data.ToArray(), (await local(blocks[0].Cid, default)).ToArray());
        BitswapException missing = await Assert.ThrowsAsync<BitswapException>(async () => await local(blocks[1].Cid, default));

        Assert.Equal("BlockNotFound", missing.ErrorId);
        Assert.Equal(0, (await provider.GetStatAsync()).Engine.BlocksSent);
    }

    [Fact]
    public async Task Blocks_are_fetched_and_stored_and_counted()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(200);
        await Samples.PutAsync(provider, blocks);
        await getter.PutBlockAsync(blocks[0].Cid, blocks[0].Data);
        await getter.ConnectAsync(provider.Addresses);
        await using FetchSession session = new(getter);

        ReadOnlyMemory<byte>[] got = await Task.WhenAll(blocks.Select(block => session.Reader(block.Cid, default).AsTask())).WaitAsync(_patience);

        Assert.All(blocks.Zip(got), pair => Assert.True(pair.First.Cid.Hash.Matches(pair.Second.Span)));
        Assert.Equal(199_000, session.BytesFetched);
        Assert.NotNull(await getter.ReadLocalAsync(blocks[199].Cid));
    }

    [Fact]
    public async Task A_block_that_every_peer_denies_fails_at_once()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        await getter.ConnectAsync(provider.Addresses);
        await using FetchSession session = new(getter, new FetchSessionOptions { Silence = null });

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(async () => await session.ReadAsync(Samples.Block(1).Cid)).WaitAsync(_patience);

        Assert.Equal("BlockUnavailable", failure.ErrorId);
    }

    [Fact]
    public async Task A_block_that_every_peer_denies_is_waited_for_when_that_is_wished()
    {
        FakeTimeProvider clock = new();
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        await getter.ConnectAsync(provider.Addresses);
        Block[] blocks = Samples.Blocks(2);
        await using FetchSession session = new(getter, new FetchSessionOptions { Wait = true }, clock);

        Task<ReadOnlyMemory<byte>> waiting = session.ReadAsync(blocks[0].Cid).AsTask();
        await Poll.UntilAsync(async () => (await getter.GetStatAsync()).Engine.DontHavesReceived == 1);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(waiting.IsCompleted);
        await Samples.PutAsync(provider, blocks[..1]);
        Assert.Equal(1000, (await waiting.WaitAsync(_patience)).Length);

        // not for longer than the silence
        Task<ReadOnlyMemory<byte>> vain = session.ReadAsync(blocks[1].Cid).AsTask();
        await Poll.UntilAsync(async () => (await getter.GetStatAsync()).Engine.DontHavesReceived == 2);
        clock.Advance(TimeSpan.FromSeconds(31));
        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => vain.WaitAsync(_patience));
        Assert.Equal(("Timeout", blocks[1].Cid), (failure.ErrorId, failure.Subject));
    }

    [Fact]
    public async Task What_a_session_has_asked_for_is_not_collected_while_it_is_open()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(3);
        await Samples.PutAsync(provider, blocks[..1]);
        await Samples.PutAsync(getter, blocks[1..]);
        await getter.ConnectAsync(provider.Addresses);
        await using (FetchSession session = new(getter))
        {
            await session.ReadAsync(blocks[0].Cid);
            await session.ReadAsync(blocks[1].Cid);
            await using StoreCollection collection = await getter.BeginCollectionAsync();
            Assert.Equal([blocks[2].Cid], collection.Candidates.Select(block => block.Cid));
        }

        await using StoreCollection after = await getter.BeginCollectionAsync();
        Assert.Equal(3, after.Candidates.Count);
    }

    [Fact]
    public async Task A_block_that_is_being_removed_is_fetched_anew()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block block = Samples.Block(1);
        await Samples.PutAsync(provider, [block]);
        await Samples.PutAsync(getter, [block]);
        await getter.ConnectAsync(provider.Addresses);
        await using FetchSession session = new(getter);
        Assert.True(getter.GcLocker.TryBeginRemoval(block.Cid.Hash));
        Task<ReadOnlyMemory<byte>> read = session.ReadAsync(block.Cid).AsTask();
        Assert.False(read.IsCompleted);
        await getter.RemoveBlockAsync(block.Cid);
        getter.GcLocker.EndRemoval(block.Cid.Hash);

        Assert.Equal(1000, (await read.WaitAsync(_patience)).Length);
        Assert.Equal(1000, session.BytesFetched);
        Assert.NotNull(await getter.ReadLocalAsync(block.Cid));
    }

    [Fact]
    public async Task Silence_ends_a_fetch_and_arrivals_break_it()
    {
        FakeTimeProvider clock = new();
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(3);
        await getter.PutBlockAsync(blocks[0].Cid, blocks[0].Data);
        await using FetchSession session = new(getter, new FetchSessionOptions { Silence = TimeSpan.FromSeconds(30) }, clock);

        // nobody is connected: it waits
        Task<ReadOnlyMemory<byte>> waiting = session.ReadAsync(blocks[1].Cid).AsTask();
        await Poll.UntilAsync(async () => (await getter.GetWantlistAsync()).Count == 1);
        for (int i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await session.ReadAsync(blocks[0].Cid);
            Assert.False(waiting.IsCompleted);
        }

        clock.Advance(TimeSpan.FromSeconds(29));
        clock.Advance(TimeSpan.FromSeconds(31));
        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => waiting.WaitAsync(_patience));
        Assert.Equal("Timeout", failure.ErrorId);
        Assert.Equal(blocks[1].Cid, failure.Subject);
        await Poll.UntilAsync(async () => (await getter.GetWantlistAsync()).Count == 0);

        // the next one has all of its time
        Task<ReadOnlyMemory<byte>> next = session.ReadAsync(blocks[2].Cid).AsTask();
        await Poll.UntilAsync(async () => (await getter.GetWantlistAsync()).Count == 1);
        clock.Advance(TimeSpan.FromSeconds(20));
        await Samples.PutAsync(provider, blocks);
        await getter.ConnectAsync(provider.Addresses);
        Assert.Equal(1000, (await next.WaitAsync(_patience)).Length);
    }

    [Fact]
    public async Task A_fetch_goes_on_when_a_peer_that_died_is_back()
    {
        Block[] blocks = Samples.Blocks(20);
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions());
        NodeOptions options = new() { Identity = Libp2p.Crypto.PrivateKey.Generate() };
        NodeHost first = await NodeHost.StartAsync(options);
        Multiaddr address = first.Addresses[0];
        await Samples.PutAsync(first, blocks[..1]);
        await getter.ConnectAsync([address]);
        await using FetchSession session = new(getter);
        Assert.Equal(1000, (await session.ReadAsync(blocks[0].Cid).AsTask().WaitAsync(_patience)).Length);
        await first.StopAsync();
        await Poll.UntilAsync(() => Task.FromResult(getter.ConnectedPeers.Count == 0));
        Task<ReadOnlyMemory<byte>[]> rest = Task.WhenAll(blocks.Select(block => session.ReadAsync(block.Cid).AsTask()));

        // the same peer at the same address; nobody tells the getter
        await using MemoryBlockstore store = new();
        foreach (Block block in blocks)
        {
            await store.PutAsync(block.Cid, block.Data, default);
        }

        await using NodeHost second = await NodeHost.StartAsync(options with { ListenAddresses = [address.WithoutPeerId()], Blockstore = store });

        Assert.Equal(20, (await rest.WaitAsync(_patience)).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public async Task Silence_tells_who_is_gone(int peers)
    {
        FakeTimeProvider clock = new();
        await using NodeHost getter = await StartAsync();
        List<NodeHost> providers = [];
        for (int i = 0; i < peers; i++)
        {
            providers.Add(await StartAsync());
            await getter.ConnectAsync(providers[i].Addresses);
        }

        await using FetchSession session = new(getter, new FetchSessionOptions { Wait = true }, clock);
        foreach (NodeHost provider in providers)
        {
            await provider.StopAsync();
        }

        await Poll.UntilAsync(() => getter.ConnectedPeers.Count == 0);
        Cid cid = Samples.Block(1).Cid;
        Task<ReadOnlyMemory<byte>> waiting = session.ReadAsync(cid).AsTask();
        await Poll.UntilAsync(async () => (await getter.GetWantlistAsync()).Count == 1);
        clock.Advance(TimeSpan.FromSeconds(31));

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => waiting.WaitAsync(_patience));
        Assert.Equal(("Timeout", cid), (failure.ErrorId, failure.Subject));
        Assert.Equal(Math.Min(peers, 8), providers.Count(provider => failure.Message.Contains(provider.PeerId.ToString(), StringComparison.Ordinal)));
        Assert.Equal(peers > 8, failure.Message.EndsWith("and 1 more.", StringComparison.Ordinal));
        Assert.Equal(peers, failure.Asked.Count);
        Assert.All(failure.Asked, answer => Assert.Contains(answer.Kind, new[] { PeerAnswerKind.HungUp, PeerAnswerKind.Unreachable }));
    }

    [Fact]
    public async Task Other_peers_than_those_named_learn_nothing()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost bystander = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(10);
        await Samples.PutAsync(provider, blocks);
        await getter.ConnectAsync(provider.Addresses);
        await getter.ConnectAsync(bystander.Addresses);
        await using FetchSession session = new(getter, new FetchSessionOptions { OnlyPeers = [provider.PeerId] });

        foreach (Block block in blocks)
        {
            await session.ReadAsync(block.Cid).AsTask().WaitAsync(_patience);
        }

        Assert.Empty(await bystander.GetPeerWantlistAsync(getter.PeerId));
        Assert.Equal(0, (await bystander.GetStatAsync()).Engine.MessagesReceived);
    }

    [Fact]
    public async Task Giving_up_takes_the_wants_back()
    {
        await using NodeHost getter = await StartAsync();
        await using FetchSession session = new(getter);
        using CancellationTokenSource stop = new();
        Task<ReadOnlyMemory<byte>> waiting = session.ReadAsync(Samples.Block(1).Cid, stop.Token).AsTask();
        await Poll.UntilAsync(async () => (await getter.GetWantlistAsync()).Count == 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(_patience));
        await Poll.UntilAsync(async () => (await getter.GetWantlistAsync()).Count == 0);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FetchSessionOptions { Silence = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FetchSessionOptions { Silence = TimeSpan.FromDays(366) });
    }

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
}
