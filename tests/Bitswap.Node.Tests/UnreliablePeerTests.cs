using Bitswap.Node.Networks;
using Bitswap.Node.Tests.Support;
using Bitswap.Protocol;
using Bitswap.Protocol.Wire;
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
        PeerAnswer said = Assert.Single(failure.Answers);
        Assert.Equal((mute.PeerId, PeerAnswerKind.Silent), (said.Peer, said.Kind));
        Assert.InRange(said.Latency!.Value, _time - TimeSpan.FromSeconds(1), _time + TimeSpan.FromSeconds(1));
        Assert.Contains(FormattableString.Invariant($"{mute.PeerId} silent for {said.Latency.Value.TotalSeconds:0.0} s"), failure.Message, StringComparison.Ordinal);
    }

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Clock = _clock });
}
