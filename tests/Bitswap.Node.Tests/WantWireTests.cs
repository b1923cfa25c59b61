using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Observability;
using Bitswap.Node.Tests.Support;
using Bitswap.Node.Tracing;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests;

/// <summary>What ends of wants put on the wire, by the traced messages.</summary>
public sealed class WantWireTests
{
    private readonly MemoryNetwork _network = new(seed: 9);

    [Fact]
    public async Task The_end_of_one_subscription_sends_nothing_and_of_all_one_cancel_a_peer()
    {
        await using NodeHost node = await StartAsync();
        await using NodeHost left = await StartAsync();
        await using NodeHost right = await StartAsync();
        await node.ConnectAsync(left.Addresses);
        await node.ConnectAsync(right.Addresses);
        Cid cid = Samples.Block(1).Cid;
        await using TraceRecorder trace = TraceRecorder.Start(node, new TraceOptions());
        NodeWant one = await node.WantAsync(cid, new WantOptions());
        NodeWant two = await node.WantAsync(cid, new WantOptions());
        await Poll.UntilAsync(async () => (await left.GetPeerWantlistAsync(node.PeerId)).Count + (await right.GetPeerWantlistAsync(node.PeerId)).Count == 2);

        await one.CancelAsync();
        await node.GetStatAsync();
        Assert.Equal("WantCancelled", (await Assert.ThrowsAsync<BlockUnavailableException>(() => one.Completion)).ErrorId);
        Assert.Equal(NodeWantState.Wanted, two.State);
        await node.CancelAllAsync(cid);
        await Poll.UntilAsync(async () => (await left.GetPeerWantlistAsync(node.PeerId)).Count + (await right.GetPeerWantlistAsync(node.PeerId)).Count == 0);
        await trace.StopAsync();

        Assert.Equal("WantCancelled", (await Assert.ThrowsAsync<BlockUnavailableException>(() => two.Completion)).ErrorId);
        (PeerId Peer, WantlistEntry Entry)[] entries = Entries(trace);
        Assert.All([left.PeerId, right.PeerId], peer =>
        {
            // asked, in one form or the other, then cancelled once: nothing between
            WantlistEntry[] told = [.. entries.Where(entry => entry.Peer.Equals(peer)).Select(entry => entry.Entry)];
            Assert.Equal(new WantlistEntry(cid, 0, true, WantType.Block, false) with { Priority = told[^1].Priority, Type = told[^1].Type }, told[^1]);
            Assert.Equal(1, told.Count(entry => entry.Cancel));
            Assert.True(told.Length >= 2);
        });
    }

    [Fact]
    public async Task An_exclusive_want_that_is_cancelled_is_told_to_its_peer_alone()
    {
        await using NodeHost node = await StartAsync();
        await using NodeHost chosen = await StartAsync();
        await using NodeHost other = await StartAsync();
        await node.ConnectAsync(chosen.Addresses);
        await node.ConnectAsync(other.Addresses);
        Cid cid = Samples.Block(1).Cid;
        await using TraceRecorder trace = TraceRecorder.Start(node, new TraceOptions());
        NodeWant want = await node.WantAsync(cid, new WantOptions { OnlyPeers = [chosen.PeerId] });
        await Poll.UntilAsync(async () => (await chosen.GetPeerWantlistAsync(node.PeerId)).Count == 1);

        await want.CancelAsync();
        await Poll.UntilAsync(async () => (await chosen.GetPeerWantlistAsync(node.PeerId)).Count == 0);
        await trace.StopAsync();

        (PeerId Peer, WantlistEntry Entry)[] entries = Entries(trace);
        Assert.All(entries, entry => Assert.Equal(chosen.PeerId, entry.Peer));
        Assert.Equal([false, true], entries.Select(entry => entry.Entry.Cancel));
    }

    private static (PeerId Peer, WantlistEntry Entry)[] Entries(TraceRecorder trace) =>
        [.. trace.Records.OfType<MessageObservation>().Where(message => message.IsSent).SelectMany(message => message.Entries.Select(entry => (message.Peer, entry)))];

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Seed = 1 });
}
