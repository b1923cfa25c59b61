namespace Bitswap.Node.Engine;

/// <summary>
/// Follows which graphs each peer fetches from the node, by the blocks that it is sent. A block with links that no graph of the peer links to begins one, and what a block of a graph
/// links to belongs to it. On the loop only.
/// </summary>
/// <remarks>
/// Of a graph whose root the peer had before, nothing is known, and blocks without links that belong to no graph are no graph. Memory is bounded: graphs a peer, of which the one that
/// was served last stays; blocks that are expected, in one graph and in all; peers that are gone. A block beyond that counts for no graph, so that the figures are what was sent at least.
/// </remarks>
internal sealed class ServedGraphs
{
    /// <summary>Graphs a peer.</summary>
    public const int MaxGraphs = 8;

    /// <summary>Blocks of one graph that were linked to and not sent.</summary>
    public const int MaxExpected = 65_536;

    /// <summary>Those of all graphs; some 16 bytes each.</summary>
    public const int MaxExpectedInAll = 524_288;

    /// <summary>Peers that are gone, whose graphs go on when they come back.</summary>
    public const int MaxGone = 64;

    /// <summary>How long these are remembered: a connection that was lost is there again after a while.</summary>
    public static readonly TimeSpan GoneMemory = TimeSpan.FromMinutes(5);

    private const int SmallSet = 1024;

    private readonly Dictionary<PeerId, List<Graph>> _peers = [];

    // those that left last stand at the end
    private readonly List<(PeerId Peer, DateTimeOffset Left)> _gone = [];

    /// <summary>Gets how many blocks are expected.</summary>
    public int Expected { get; private set; }

    /// <summary>Gets for how many blocks there is room in memory.</summary>
    internal int Capacity => _peers.Values.Sum(graphs => graphs.Sum(graph => graph.Expected.Capacity));

    /// <summary>Blocks were sent to a peer.</summary>
    public void Sent(PeerId peer, IReadOnlyList<ServedBlock> blocks, DateTimeOffset now)
    {
        _gone.RemoveAll(gone => gone.Peer.Equals(peer));
        if (!_peers.TryGetValue(peer, out List<Graph>? graphs))
        {
            _peers[peer] = graphs = [];
        }

        foreach (ServedBlock block in blocks)
        {
            if ((Take(graphs, block.Key) ?? (block.Links.Length > 0 ? Begin(graphs, block, now) : null)) is { } graph)
            {
                graph.Count(block.Size, now);
                Expect(graph, block.Links);
            }
        }
    }

    /// <summary>Returns the graphs that a peer fetches or has fetched, the one that was served last first.</summary>
    public IReadOnlyList<ServedGraph> Of(PeerId peer) =>
        _peers.TryGetValue(peer, out List<Graph>? graphs) ? [.. graphs.Select(graph => graph.Snapshot()).OrderByDescending(graph => graph.LastSent)] : [];

    /// <summary>The peer is gone. Where it comes back soon, its graphs go on.</summary>
    public void Left(PeerId peer, DateTimeOffset now)
    {
        if (_peers.ContainsKey(peer))
        {
            _gone.Add((peer, now));
        }

        int forgotten = Math.Max(_gone.Count - MaxGone, _gone.TakeWhile(gone => now - gone.Left > GoneMemory).Count());
        foreach ((PeerId former, _) in _gone[..forgotten])
        {
            if (_peers.Remove(former, out List<Graph>? graphs))
            {
                graphs.ForEach(Forget);
            }
        }

        _gone.RemoveRange(0, forgotten);
    }

    private Graph? Take(List<Graph> graphs, ulong key)
    {
        for (int i = graphs.Count - 1; i >= 0; i--)
        {
            HashSet<ulong> expected = graphs[i].Expected;
            if (expected.Remove(key))
            {
                Expected--;
                if (expected.Capacity > SmallSet && expected.Count < expected.Capacity / 4)
                {
                    expected.TrimExcess();
                }

                return graphs[i];
            }
        }

        return null;
    }

    private Graph Begin(List<Graph> graphs, ServedBlock root, DateTimeOffset now)
    {
        // fetched once more, it begins anew; else the one that was served longest ago makes room
        int old = graphs.FindIndex(graph => graph.Root.Equals(root.Cid));
        if (old < 0 && graphs.Count == MaxGraphs)
        {
            old = graphs.IndexOf(graphs.MinBy(graph => graph.LastSent)!);
        }

        if (old >= 0)
        {
            Forget(graphs[old]);
            graphs.RemoveAt(old);
        }

        Graph graph = new(root.Cid, root.TotalBytes, now);
        graphs.Add(graph);
        return graph;
    }

    private void Expect(Graph graph, ulong[] links)
    {
        foreach (ulong link in links)
        {
            if (graph.Expected.Count < MaxExpected && Expected < MaxExpectedInAll && graph.Expected.Add(link))
            {
                Expected++;
            }
        }
    }

    private void Forget(Graph graph) => Expected -= graph.Expected.Count;

    private sealed class Graph(Cid root, long? totalBytes, DateTimeOffset started)
    {
        private readonly DateTimeOffset _started = started;
        private long _blocks;
        private long _bytes;

        public Cid Root => root;

        public HashSet<ulong> Expected { get; } = [];

        public DateTimeOffset LastSent { get; private set; } = started;

        public void Count(int bytes, DateTimeOffset now)
        {
            _blocks++;
            _bytes += bytes;
            LastSent = now;
        }

        public ServedGraph Snapshot() => new(root, _blocks, _bytes, totalBytes, _started, LastSent);
    }
}
