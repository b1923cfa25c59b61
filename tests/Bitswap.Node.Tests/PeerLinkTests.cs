using Bitswap.Node.Networks;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests;

/// <summary>Peers that behave badly cost themselves a stream or a connection, and the node nothing.</summary>
public sealed class PeerLinkTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 2);

    [Theory]
    [InlineData("ffffffffffffffffff7f", true)]
    [InlineData("81808002", true)]
    [InlineData("020aff", true)]
    [InlineData("050a030a01ff", true)]
    [InlineData("80808002", false)]
    [InlineData("0aff", false)]
    public async Task A_frame_that_is_malformed_or_cut_short_costs_its_stream_alone(string hex, bool isMalformed)
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer bad = await RawPeer.StartAsync(_network.CreatePeer());
        Block block = Samples.Block(1);
        await Samples.PutAsync(node, [block]);
        await bad.ConnectAsync(node);

        await using (IByteStream stream = await bad.OpenAsync(node))
        {
            await stream.WriteAsync(Convert.FromHexString(hex), default);
            if (isMalformed)
            {
                // reset at once, which is not the end that a stream has whose messages were read
                await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[1], default).AsTask().WaitAsync(_patience));
            }
            else
            {
                await stream.CloseWriteAsync(default);
                Assert.Equal(0, await stream.ReadAsync(new byte[1], default).AsTask().WaitAsync(_patience));
            }
        }

        await bad.SendAsync(node, Want(block.Cid));
        Assert.Equal(block.Cid, Assert.Single((await NextWithBlocksAsync(bad)).Blocks).Cid);
    }

    [Fact]
    public async Task A_block_that_arrives_slowly_is_no_silence()
    {
        // a window of one byte: what was written has been read, and what was written before that has been dealt with
        MemoryNetwork narrow = new(seed: 4, new MemoryNetworkOptions { StreamWindow = 1 });
        FakeTimeProvider clock = new();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = narrow.CreatePeer(), Clock = clock, Seed = 1 });
        await using RawPeer slow = await RawPeer.StartAsync(narrow.CreatePeer());
        await slow.ConnectAsync(node);
        Block block = Samples.Block(1);
        NodeWant want = await node.WantAsync(block.Cid, new WantOptions());
        await slow.ReceiveAsync();

        byte[] frame = Frame(new BitswapMessage { Blocks = [block] });
        await using IByteStream stream = await slow.OpenAsync(node);
        int written = 0;
        for (int second = 0; second < 20; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await stream.WriteAsync(frame.AsMemory(written++, 1), default);
            await stream.WriteAsync(frame.AsMemory(written++, 1), default);
            Assert.Equal(0, (await node.GetStatAsync()).Engine.SimulatedDontHaves);
        }

        await stream.WriteAsync(frame.AsMemory(written), default);
        Assert.Equal(block.Cid, (await want.Completion.WaitAsync(_patience)).Cid);
    }

    [Fact]
    public async Task Answers_never_come_on_the_stream_of_the_request()
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        Block block = Samples.Block(1);
        await Samples.PutAsync(node, [block]);
        await peer.ConnectAsync(node);

        await using IByteStream stream = await peer.OpenAsync(node);
        await stream.WriteAsync(Frame(Want(block.Cid)), default);
        await stream.CloseWriteAsync(default);

        await NextWithBlocksAsync(peer);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], default).AsTask().WaitAsync(_patience));
    }

    [Fact]
    public async Task Blocks_that_nobody_wanted_are_dropped_and_counted()
    {
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);
        Block[] unwanted = Samples.Blocks(10);

        await peer.SendAsync(node, new BitswapMessage { Blocks = unwanted });
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.UnwantedBlocks == 10);

        Assert.Null(await node.ReadLocalAsync(unwanted[0].Cid));
    }

    [Fact]
    public async Task A_peer_that_floods_with_unwanted_blocks_is_dropped()
    {
        await using NodeHost node = await StartAsync(options => options with { Engine = options.Engine with { MaxUnwantedBytes = 1 << 20 } });
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);

        await peer.SendAsync(node, new BitswapMessage { Blocks = Samples.Blocks(3, 1 << 20) });

        await peer.GoneAsync(node);
        Assert.Empty(await node.GetPeersAsync());
    }

    [Fact]
    public async Task A_peer_that_speaks_no_Bitswap_is_connected_and_not_asked()
    {
        await using NodeHost node = await StartAsync();
        IPeerNetwork place = _network.CreatePeer();
        await using RawPeer mute = await RawPeer.StartAsync(new OtherProtocols(place));

        PeerSnapshot snapshot = await node.ConnectAsync(place.Addresses);

        Assert.Null(snapshot.Version);
        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(
            () => node.GetBlockAsync(Samples.Block(1).Cid, new WantOptions { FailFast = true, OnlyPeers = [place.PeerId] }).AsTask().WaitAsync(_patience));
        Assert.Equal(PeerAnswerKind.NoBitswap, Assert.Single(failure.Asked).Kind);
        Assert.Contains("speaks no common Bitswap version", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_peer_that_was_asked_over_a_connection_that_closed_is_served_when_it_opens_a_stream(int failures)
    {
        FirstStreamsFail network = new(_network.CreatePeer(), failures);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = network, Seed = 1 });
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        Block[] blocks = Samples.Blocks(failures + 1);
        await Samples.PutAsync(node, blocks);
        await peer.ConnectAsync(node);
        await network.Failed.Task.WaitAsync(_patience);

        // each stream is a reason to ask once more
        for (int i = 0; i < failures; i++)
        {
            await peer.SendAsync(node, Want(blocks[i].Cid));
            await Poll.UntilAsync(() => network.Opened == i + 2, "the peer is asked again");
        }

        await peer.SendAsync(node, Want(blocks[failures].Cid));
        List<Cid> got = [];
        while (!got.Contains(blocks[failures].Cid))
        {
            got.AddRange((await NextWithBlocksAsync(peer)).Blocks.Select(block => block.Cid));
        }

        Assert.NotNull(Assert.Single(await node.GetPeersAsync()).Version);
    }

    [Fact]
    public async Task A_line_that_corrupts_never_delivers_a_wrong_block()
    {
        MemoryNetwork noisy = new(seed: 3, new MemoryNetworkOptions { Line = new MemoryLineOptions { Corruption = 0.2 } });
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = noisy.CreatePeer(), Seed = 1 });
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions { Network = noisy.CreatePeer(), Seed = 2 });
        Block[] blocks = Samples.Blocks(50);
        await Samples.PutAsync(provider, blocks);
        await getter.ConnectAsync(provider.Addresses);

        foreach (Block block in blocks)
        {
            NodeWant want = await getter.WantAsync(block.Cid, new WantOptions { Timeout = TimeSpan.FromMilliseconds(200) });
            await want.Completion.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(_patience);
            if (want.State == NodeWantState.Received)
            {
                Assert.True((await want.Completion).Data.Span.SequenceEqual(block.Data.Span));
            }
            else
            {
                Assert.Equal("Timeout", Assert.IsType<BlockUnavailableException>(want.Completion.Exception!.InnerException).ErrorId);
            }
        }
    }

    [Fact]
    public async Task A_lost_line_mends_and_the_wants_go_on()
    {
        await using NodeHost provider = await StartAsync();
        NodeOptions keep = new() { Network = _network.CreatePeer(), Peers = provider.Addresses, Seed = 1 };
        await using NodeHost getter = await NodeHost.StartAsync(keep);
        await Poll.UntilAsync(async () => (await getter.GetPeersAsync()).Any(peer => peer.Version is not null));
        Block block = Samples.Block(1);
        NodeWant want = await getter.WantAsync(block.Cid, new WantOptions());

        _network.Cut(provider.PeerId, getter.PeerId);
        await Samples.PutAsync(provider, [block]);

        await want.Completion.WaitAsync(_patience);
    }

    private static BitswapMessage Want(Cid cid) => new() { Wantlist = [new WantlistEntry(cid, 1, false, WantType.Block, true)] };

    private static byte[] Frame(BitswapMessage message)
    {
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, frame);
        return frame;
    }

    private static async Task<BitswapMessage> NextWithBlocksAsync(RawPeer peer)
    {
        BitswapMessage message;
        do
        {
            message = await peer.ReceiveAsync();
        }
        while (message.Blocks.Count == 0);
        return message;
    }

    private Task<NodeHost> StartAsync(Func<NodeOptions, NodeOptions>? change = null)
    {
        NodeOptions options = new() { Network = _network.CreatePeer(), Seed = 1 };
        return NodeHost.StartAsync(change?.Invoke(options) ?? options);
    }

    /// <summary>A network whose node serves something other than Bitswap.</summary>
    private sealed class OtherProtocols(IPeerNetwork inner) : WrappedNetwork(inner)
    {
        public override ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken) =>
            base.StartAsync(handler, messages with { Protocols = ["/something/else"] }, cancellationToken);
    }

    /// <summary>A network on which the first streams that the node opens fail, as they do on a connection that closes while another stays.</summary>
    private sealed class FirstStreamsFail(IPeerNetwork inner, int failures) : WrappedNetwork(inner)
    {
        private int _opened;

        public int Opened => Volatile.Read(ref _opened);

        public TaskCompletionSource Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _opened) > failures)
            {
                return base.OpenStreamAsync(peer, protocols, cancellationToken);
            }

            Failed.TrySetResult();
            return ValueTask.FromException<IPeerStream>(new BitswapException(NodeErrorIds.PeerUnreachable, "The connection is closed.", "Connect again."));
        }
    }
}
