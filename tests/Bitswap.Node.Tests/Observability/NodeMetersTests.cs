using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Observability;

public sealed class NodeMetersTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<(string Instrument, string? Node), ConcurrentQueue<double>> _measured = new();
    private readonly MemoryNetwork _network = new(seed: 8);

    [Fact]
    public async Task Blocks_messages_and_levels_are_measured_by_boxo_s_names()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync();
        Block[] blocks = Samples.Blocks(5, 700);
        await Samples.PutAsync(provider, blocks);
        // a want that is older than the listener counts as well
        await getter.WantAsync(Samples.Block(99).Cid, new WantOptions());
        using MeterListener listener = Listen();

        await getter.ConnectAsync(provider.Addresses);
        IReadOnlyList<NodeWant> wants = await getter.WantAsync([.. blocks.Select(block => block.Cid)], new WantOptions());
        await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        await Poll.UntilAsync(async () => (await provider.GetStatAsync()).Engine.BlocksSent == 5);
        await getter.GetStatAsync();

        Assert.Equal([700, 700, 700, 700, 700], Of("ipfs_bitswap_recv_all_blocks_bytes", getter));
        Assert.Equal([700, 700, 700, 700, 700], Of("ipfs_bitswap_sent_all_blocks_bytes", provider));
        Assert.NotEmpty(Of("ipfs_bitswap_send_times", provider));
        Assert.Equal(1, Of("ipfs_bitswap_wantlist_total", getter).Sum());
        Assert.Empty(Of("ipfs_bitswap_recv_dup_blocks_bytes", getter));
    }

    [Fact]
    public async Task Duplicates_are_measured_and_levels_end_at_zero_with_the_node()
    {
        using MeterListener listener = Listen();
        NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        Block first = Samples.Block(1, 100);
        Block second = Samples.Block(2, 300);
        await peer.ConnectAsync(node);
        IReadOnlyList<NodeWant> wants = await node.WantAsync([first.Cid, second.Cid], new WantOptions());
        await node.WantAsync(Samples.Block(3).Cid, new WantOptions());
        await peer.SendAsync(node, new BitswapMessage { Blocks = [first, second] });
        await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);

        await peer.SendAsync(node, new BitswapMessage { Blocks = [first, second] });
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.DuplicateBlocks == 2);

        Assert.Equal(400, Of("ipfs_bitswap_recv_dup_blocks_bytes", node).Sum());
        Assert.Equal(2, Of("ipfs_bitswap_recv_dup_blocks_bytes", node).Count);
        Assert.Equal(1, Of("ipfs_bitswap_wantlist_total", node).Sum());
        await node.DisposeAsync();
        Assert.Equal(0, Of("ipfs_bitswap_wantlist_total", node).Sum());
        Assert.Equal(0, Of("ipfs_bitswap_want_blocks_total", node).Sum());
    }

    private IReadOnlyCollection<double> Of(string instrument, NodeHost node) =>
        _measured.TryGetValue((instrument, node.PeerId.ToString()), out ConcurrentQueue<double>? values) ? values : [];

    private MeterListener Listen()
    {
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Bitswap")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.GetOrAdd((instrument.Name, tags.Length == 1 ? tags[0].Value as string : null), static _ => new()).Enqueue(value);

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Seed = 1 });
}
