using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests;

/// <summary>Peers that are late, leave, or break off: the block comes all the same where it can.</summary>
public sealed class UnreliablePeerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _time = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 7);
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_block_that_comes_after_a_long_silence_is_received(bool saysHave)
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer late = await RawPeer.StartAsync(_network.CreatePeer());
        await late.ConnectAsync(node);
        Block block = Samples.Block(1);
        NodeWant want = await node.WantAsync(block.Cid, new WantOptions { FailFast = true, Timeout = _time });
        await late.ReceiveAsync();
        if (saysHave)
        {
            await late.SendAsync(node, new BitswapMessage { Presences = [new BlockPresence(block.Cid, PresenceType.Have)] });
        }

        await Poll.UntilAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return (await node.GetStatAsync()).Engine.SimulatedDontHaves > 0;
        });
        Assert.Equal(NodeWantState.Wanted, want.State);

        await late.SendAsync(node, new BitswapMessage { Blocks = [block] });

        Assert.Equal(block.Cid, (await want.Completion.WaitAsync(_patience)).Cid);
    }

    [Fact]
    public async Task The_error_of_a_silent_peer_tells_the_time_that_was_waited()
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer mute = await RawPeer.StartAsync(_network.CreatePeer());
        await mute.ConnectAsync(node);
        NodeWant want = await node.WantAsync(Samples.Block(1).Cid, new WantOptions { FailFast = true, Timeout = _time });
        await mute.ReceiveAsync();

        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return want.Completion.IsCompleted;
        });

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => want.Completion);
        Assert.Equal("Timeout", failure.ErrorId);
        PeerAnswer said = Assert.Single(failure.Asked);
        Assert.Equal((mute.PeerId, PeerAnswerKind.Silent), (said.Peer, said.Kind));
        Assert.InRange(said.Latency!.Value, _time - TimeSpan.FromSeconds(1), _time + TimeSpan.FromSeconds(1));
        Assert.Contains(FormattableString.Invariant($"{mute.PeerId} silent for {said.Latency.Value.TotalSeconds:0.0} s"), failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_hangs_up_among_many_blocks_is_dialled_again_and_sends_the_rest(bool onlyPeer)
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await node.ConnectAsync(peer.Addresses);
        Block[] blocks = Samples.Blocks(64);
        WantOptions options = new() { FailFast = true, Timeout = _time, Session = node.NewSession(), OnlyPeers = onlyPeer ? [peer.PeerId] : null };
        IReadOnlyList<NodeWant> wants = await node.WantAsync([.. blocks.Select(block => block.Cid)], options);
        HashSet<Cid> sent = [];
        while (sent.Count < blocks.Length)
        {
            BitswapMessage asked = await ReceiveAsync(peer);
            Block[] some = [.. blocks.Where(block => asked.Wantlist.Any(entry => !entry.Cancel && entry.Cid.Equals(block.Cid))).Take(20)];
            await peer.SendAsync(node, new BitswapMessage { Blocks = some });
            sent.UnionWith(some.Select(block => block.Cid));
            await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.BlocksReceived == sent.Count);
            await peer.HangUpAsync(node);
        }

        await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        Assert.InRange((await node.GetStatAsync()).Engine.Redials, 3, 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(500)]
    public async Task A_block_whose_stream_breaks_off_is_asked_for_again_at_once(int after)
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);
        Block block = Samples.Block(1);
        NodeWant want = await node.WantAsync(block.Cid, new WantOptions { FailFast = true, Timeout = _time });
        Assert.Equal(block.Cid, Assert.Single((await peer.ReceiveAsync()).Wantlist).Cid);

        await peer.BreakOffAsync(node, new BitswapMessage { Blocks = [block] }, after);

        // the clock stands still: nothing that waits for a time can be what asks
        WantlistEntry[] again = [Assert.Single((await peer.ReceiveAsync()).Wantlist), Assert.Single((await peer.ReceiveAsync()).Wantlist)];
        Assert.All(again, entry => Assert.Equal(block.Cid, entry.Cid));
        Assert.Equal([true, false], again.Select(entry => entry.Cancel));
        await peer.SendAsync(node, new BitswapMessage { Blocks = [block] });
        await want.Completion.WaitAsync(_patience);
        Assert.Single(await node.GetPeersAsync());
    }

    [Theory]
    [InlineData(PeerAnswerKind.WrongBlock)]
    [InlineData(PeerAnswerKind.UnknownHash)]
    [InlineData(PeerAnswerKind.TooBig)]
    [InlineData(PeerAnswerKind.Malformed)]
    public async Task What_a_peer_sends_in_place_of_the_block_is_in_the_error(PeerAnswerKind kind)
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);
        NodeWant want = await node.WantAsync(Samples.Block(1).Cid, new WantOptions { FailFast = true, Timeout = _time });
        await peer.ReceiveAsync();
        await peer.SendRawAsync(node, kind switch
        {
            PeerAnswerKind.WrongBlock => new RawFrame(new BitswapMessage { Blocks = [Samples.Block(2)] }),
            PeerAnswerKind.UnknownHash => RawFrame.OfHash(0x22, 4),
            PeerAnswerKind.TooBig => RawFrame.OfLength(5 << 20),
            _ => new RawFrame([3, 0x0a, 0xff, 0xff]),
        });
        await Poll.UntilAsync(async () => (await node.GetWantlistAsync()).Single().Answers.Single().Kind == kind);
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return want.Completion.IsCompleted;
        });

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => want.Completion);
        Assert.Equal(kind, Assert.Single(failure.Asked).Kind);
    }

    [Fact]
    public async Task A_peer_disconnected_here_is_not_dialled_again_and_the_error_says_so()
    {
        await using NodeHost node = await StartAsync(options => options with { Engine = new EngineOptions { FailFastWithoutPeers = true } });
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await node.ConnectAsync(peer.Addresses);
        NodeWant want = await node.WantAsync(Samples.Block(1).Cid, new WantOptions { FailFast = true, Timeout = _time });
        await peer.ReceiveAsync();

        await node.DisconnectAsync(peer.PeerId);

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => want.Completion.WaitAsync(_patience));
        PeerAnswer said = Assert.Single(failure.Asked);
        Assert.Equal((PeerAnswerKind.WeHungUp, "It was disconnected here."), (said.Kind, said.Detail));
        Assert.Equal(0, (await node.GetStatAsync()).Engine.Redials);
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_dialled_until_the_time_is_up_and_the_error_tells()
    {
        await using NodeHost node = await StartAsync(options => options with { Engine = new EngineOptions { FailFastWithoutPeers = true } });
        RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await node.ConnectAsync(peer.Addresses);
        NodeWant want = await node.WantAsync(Samples.Block(1).Cid, new WantOptions { FailFast = true, Timeout = _time });
        await peer.ReceiveAsync();
        await peer.DisposeAsync();

        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            return want.Completion.IsCompleted;
        });

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => want.Completion);
        Assert.Equal("Timeout", failure.ErrorId);
        Assert.Equal(PeerAnswerKind.HungUp, Assert.Single(failure.Asked).Kind);
        Assert.Matches(@"hung up after \d+ ms \(The peer closed the connection; dialled again \d+ times: Nothing answers at", failure.Message);
    }

    [Fact]
    public async Task A_lost_peer_is_dialled_again_over_TCP()
    {
        NodeOptions options = new() { Identity = Libp2p.Crypto.PrivateKey.Generate(), Blockstore = new Node.Blockstores.MemoryBlockstore() };
        Block[] blocks = Samples.Blocks(2);
        foreach (Block block in blocks)
        {
            await options.Blockstore.PutAsync(block.Cid, block.Data, default);
        }

        NodeHost first = await NodeHost.StartAsync(options);
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions { Engine = new EngineOptions { FailFastWithoutPeers = true } });
        await getter.ConnectAsync(first.Addresses);
        Multiaddr[] listen = [.. first.Addresses.Select(address => address.WithoutPeerId())];
        WantOptions fetch = new() { FailFast = true, Timeout = _patience, Session = getter.NewSession() };
        await getter.GetBlockAsync(blocks[0].Cid, fetch);
        await first.StopAsync();
        await Poll.UntilAsync(() => getter.ConnectedPeers.Count == 0);

        ValueTask<Block> rest = getter.GetBlockAsync(blocks[1].Cid, fetch);
        await Poll.UntilAsync(async () => (await getter.GetStatAsync()).Engine.Redials > 0);
        await using NodeHost second = await NodeHost.StartAsync(options with { ListenAddresses = listen });

        Assert.Equal(blocks[1].Cid, (await rest.AsTask().WaitAsync(_patience)).Cid);
    }

    /// <summary>The next message; the clock goes on while it is waited for, so that the peer is dialled.</summary>
    private async Task<BitswapMessage> ReceiveAsync(RawPeer peer)
    {
        Task<BitswapMessage> next = peer.ReceiveAsync();
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(20));
            return next.IsCompleted;
        });
        return await next;
    }

    private Task<NodeHost> StartAsync(Func<NodeOptions, NodeOptions>? change = null)
    {
        NodeOptions options = new() { Network = _network.CreatePeer(), Clock = _clock };
        return NodeHost.StartAsync(change?.Invoke(options) ?? options);
    }
}
