using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;
using Bitswap.Node.Engine;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Engine;

/// <summary>What a node sees of the graphs that its peers fetch.</summary>
public sealed class ServedGraphsTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly PeerId _peer = PeerOf(1);
    private readonly ServedGraphs _served = new();

    [Fact]
    public void A_graph_is_followed_from_its_root_down()
    {
        Block[] leaves = [Leaf(1), Leaf(2), Leaf(3)];
        Block folder = Node(leaves[0], leaves[1]);
        Block root = Node(folder, leaves[2]);

        Send(0, root);
        Send(1, folder, leaves[0]);
        Send(2, leaves[2]);

        ServedGraph graph = Assert.Single(_served.Of(_peer));
        int sent = root.Data.Length + folder.Data.Length + leaves[0].Data.Length + leaves[2].Data.Length;
        Assert.Equal((root.Cid, 4, sent), (graph.Root, graph.BlocksSent, graph.BytesSent));
        Assert.Equal(sent + leaves[1].Data.Length, graph.TotalBytes);
        Assert.Equal((_start, _start.AddSeconds(2)), (graph.Started, graph.LastSent));
        Assert.Equal(1, _served.Expected);
    }

    [Fact]
    public void A_block_that_is_sent_again_counts_once_and_a_root_begins_anew()
    {
        Block leaf = Leaf(1);
        Block root = Node(leaf, Leaf(2));

        Send(0, root, leaf, leaf);
        Assert.Equal(2, Assert.Single(_served.Of(_peer)).BlocksSent);

        Send(5, root);
        ServedGraph graph = Assert.Single(_served.Of(_peer));
        Assert.Equal((1, _start.AddSeconds(5)), (graph.BlocksSent, graph.Started));
        Assert.Equal(2, _served.Expected);
    }

    [Fact]
    public void Blocks_without_links_and_bytes_that_are_none_begin_no_graph()
    {
        Send(0, Leaf(1), new Block(Cid.Compute(Multicodec.DagPb, "no node"u8), "no node"u8.ToArray()), new Block(Cid.Compute(Multicodec.DagCbor, "\u0001\u0002"u8), "\u0001\u0002"u8.ToArray()));

        Assert.Empty(_served.Of(_peer));
    }

    [Fact]
    public void Graphs_of_a_peer_are_bounded_and_the_one_served_longest_ago_goes()
    {
        Block[] roots = [.. Enumerable.Range(0, ServedGraphs.MaxGraphs + 1).Select(i => Node(Leaf(2 * i), Leaf((2 * i) + 1)))];
        for (int i = 0; i < ServedGraphs.MaxGraphs; i++)
        {
            Send(i, roots[i]);
        }

        // the first is served once more
        Send(100, Leaf(0));
        Send(101, roots[^1]);

        Assert.Equal([roots[^1].Cid, roots[0].Cid, .. roots[2..^1].Reverse().Select(root => root.Cid)], _served.Of(_peer).Select(graph => graph.Root));
        Assert.Equal((2 * ServedGraphs.MaxGraphs) - 1, _served.Expected);
        Assert.Empty(_served.Of(PeerOf(2)));
    }

    [Fact]
    public void A_peer_that_comes_back_goes_on_and_one_that_stays_away_is_forgotten()
    {
        Block leaf = Leaf(1);
        Send(0, Node(leaf, Leaf(2)));
        _served.Left(_peer, _start.AddSeconds(1));
        _served.Left(PeerOf(2), _start.AddSeconds(100));
        Send(200, leaf);
        Assert.Equal(2, Assert.Single(_served.Of(_peer)).BlocksSent);

        _served.Left(_peer, _start.AddSeconds(300));
        _served.Left(PeerOf(2), _start.AddSeconds(300) + ServedGraphs.GoneMemory);
        Assert.Single(_served.Of(_peer));
        _served.Left(PeerOf(2), _start.AddSeconds(301) + ServedGraphs.GoneMemory);
        Assert.Empty(_served.Of(_peer));
        Assert.Equal(0, _served.Expected);
    }

    [Fact]
    public void Peers_that_are_gone_are_bounded()
    {
        ServedBlock root = ServedBlock.Read(Node(Leaf(1), Leaf(2)));
        for (int i = 0; i < ServedGraphs.MaxGone + 10; i++)
        {
            _served.Sent(PeerOf(i), [root], _start);
            _served.Left(PeerOf(i), _start);
        }

        Assert.Equal(2 * ServedGraphs.MaxGone, _served.Expected);
        Assert.Empty(_served.Of(PeerOf(9)));
        Assert.Single(_served.Of(PeerOf(10)));
    }

    [Fact]
    public void A_graph_that_was_sent_holds_no_memory_for_its_blocks()
    {
        Cid[] leaves = [.. Enumerable.Range(0, 20_000).Select(i => Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)))];
        ulong[] keys = [.. leaves.Select(leaf => new ServedBlock(leaf, 4, [], null).Key)];
        _served.Sent(_peer, [new ServedBlock(Node(Leaf(1)).Cid, 100, keys, null)], _start);
        Assert.InRange(_served.Capacity, 20_000, 80_000);

        _served.Sent(_peer, [.. leaves.Select(leaf => new ServedBlock(leaf, 4, [], null))], _start);

        Assert.Equal(0, _served.Expected);
        Assert.InRange(_served.Capacity, 0, 2_000);
    }

    [Fact]
    public void Of_a_block_that_is_large_no_links_are_read()
    {
        DagPbLink[] links = [.. Enumerable.Range(0, 6_000).Select(i => new DagPbLink(Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)), "", 4))];
        byte[] small = new DagPbNode(links[..1000], null).ToByteArray(), large = new DagPbNode(links, null).ToByteArray();
        Assert.InRange(large.Length, ServedBlock.MaxSize + 1, int.MaxValue);

        Assert.Equal(1000, ServedBlock.Read(new Block(Cid.Compute(Multicodec.DagPb, small), small)).Links.Length);
        Assert.Empty(ServedBlock.Read(new Block(Cid.Compute(Multicodec.DagPb, large), large)).Links);
    }

    [Fact]
    public void Blocks_that_are_expected_are_bounded_in_a_graph_and_over_all_peers()
    {
        Cid root = Node(Leaf(1)).Cid;
        ServedBlock[] leaves = [.. Enumerable.Range(0, ServedGraphs.MaxExpected + 10).Select(i => new ServedBlock(Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)), 4, [], null))];
        ServedBlock large = new(root, 100, [.. leaves.Select(leaf => leaf.Key)], null);

        _served.Sent(_peer, [large], _start);
        Assert.Equal(ServedGraphs.MaxExpected, _served.Expected);
        _served.Sent(_peer, [leaves[0], leaves[^1]], _start);
        Assert.Equal(2, Assert.Single(_served.Of(_peer)).BlocksSent);

        for (int i = 2; i <= 2 + (ServedGraphs.MaxExpectedInAll / ServedGraphs.MaxExpected); i++)
        {
            _served.Sent(PeerOf(i), [large], _start);
        }

        Assert.Equal(ServedGraphs.MaxExpectedInAll, _served.Expected);
    }

    [Fact]
    public async Task A_node_tells_what_its_peers_fetch()
    {
        Block[] blocks = [.. Enumerable.Range(0, 3).Select(Leaf)];
        Block root = Node(blocks);
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions());
        await Samples.PutAsync(provider, [root, .. blocks]);
        await getter.ConnectAsync(provider.Addresses);

        await getter.GetBlockAsync(root.Cid, new WantOptions());
        await getter.GetBlockAsync(blocks[1].Cid, new WantOptions());

        await Poll.UntilAsync(async () => (await provider.GetPeersAsync()) is [{ Fetching: [{ BlocksSent: 2 } graph] }] && graph.Root.Equals(root.Cid));
        Assert.Empty(Assert.Single(await getter.GetPeersAsync()).Fetching);
    }

    private static PeerId PeerOf(int number) => PeerId.FromBytes([0x12, 0x20, .. new byte[28], .. BitConverter.GetBytes(number)]);

    private static Block Leaf(int number) => Samples.Block(number);

    private static Block Node(params Block[] children)
    {
        DagPbLink[] links = [.. children.Select((child, i) => new DagPbLink(child.Cid, $"{i:d3}", (ulong)child.Data.Length + Below(child)))];
        byte[] data = new DagPbNode(links, null).ToByteArray();
        return new Block(Cid.Compute(Multicodec.DagPb, data), data);
    }

    private static ulong Below(Block block) =>
        block.Cid.Codec == Multicodec.DagPb ? DagPbNode.Decode(block.Data).Links.Aggregate(0UL, (sum, link) => sum + link.Tsize) : 0;

    private void Send(int second, params Block[] blocks) => _served.Sent(_peer, [.. blocks.Select(ServedBlock.Read)], _start.AddSeconds(second));
}
