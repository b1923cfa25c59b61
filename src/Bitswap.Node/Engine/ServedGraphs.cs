using System.Buffers.Binary;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;

namespace Bitswap.Node.Engine;

/// <summary>
/// Follows which graphs each peer fetches from the node, by the blocks that it is sent. A block with links that no graph of the peer links to begins one, and what a block of a graph
/// links to belongs to it. On the loop only.
/// </summary>
/// <remarks>
/// Of a graph whose root the peer had before, nothing is known, and blocks without links that belong to no graph are no graph. Memory is bounded: graphs a peer, of which the one that
/// was served last stays, and blocks that are expected, in one graph and in all. A block beyond that counts for no graph, so that the figures are what was sent at least.
/// </remarks>
internal sealed class ServedGraphs
{
    /// <summary>Graphs a peer.</summary>
    public const int MaxGraphs = 8;

    /// <summary>Blocks of one graph that were linked to and not sent.</summary>
    public const int MaxExpected = 65_536;

    /// <summary>Those of all graphs; 16 bytes and a little more each.</summary>
    public const int MaxExpectedInAll = 524_288;

    private readonly Dictionary<PeerId, List<Graph>> _peers = [];

    /// <summary>Gets how many blocks are expected.</summary>
    public int Expected { get; private set; }

    /// <summary>Blocks were sent to a peer.</summary>
    public void Sent(PeerId peer, IReadOnlyList<Block> blocks, DateTimeOffset now)
    {
        if (!_peers.TryGetValue(peer, out List<Graph>? graphs))
        {
            _peers[peer] = graphs = [];
        }

        foreach (Block block in blocks)
        {
            ulong[] links = LinksOf(block);
            if ((Take(graphs, KeyOf(block.Cid)) ?? (links.Length > 0 ? Begin(graphs, block, now) : null)) is { } graph)
            {
                graph.Count(block.Data.Length, now);
                Expect(graph, links);
            }
        }
    }

    /// <summary>Returns the graphs that a peer fetches or has fetched, the one that was served last first.</summary>
    public IReadOnlyList<ServedGraph> Of(PeerId peer) =>
        _peers.TryGetValue(peer, out List<Graph>? graphs) ? [.. graphs.Select(graph => graph.Snapshot()).OrderByDescending(graph => graph.LastSent)] : [];

    /// <summary>The peer is gone.</summary>
    public void Remove(PeerId peer)
    {
        if (_peers.Remove(peer, out List<Graph>? graphs))
        {
            graphs.ForEach(Forget);
        }
    }

    // two blocks of one graph that are alike in these bytes are counted as one, which no figure here is worth more memory for
    private static ulong KeyOf(Cid cid) => cid.Hash.Digest is { Length: >= sizeof(ulong) } digest ? BinaryPrimitives.ReadUInt64LittleEndian(digest[^sizeof(ulong)..]) : 0;

    private static ulong[] LinksOf(Block block)
    {
        if (DagLinks.IsLeaf(block.Cid.Codec) || !DagLinks.IsSupported(block.Cid.Codec))
        {
            return [];
        }

        try
        {
            return [.. DagLinks.Read(block.Cid, block.Data).Select(KeyOf)];
        }
        catch (DagException)
        {
            // a peer may ask for any bytes by a CID of any codec
            return [];
        }
    }

    private static long? SizeOf(Block root)
    {
        if (root.Cid.Codec != Multicodec.DagPb)
        {
            return null;
        }

        // its links have been read, so that it is one
        UInt128 size = (UInt128)root.Data.Length;
        foreach (DagPbLink link in DagPbNode.Decode(root.Data).Links)
        {
            if (!link.HasTsize)
            {
                return null;
            }

            size += link.Tsize;
        }

        return size <= long.MaxValue ? (long)size : null;
    }

    private Graph? Take(List<Graph> graphs, ulong key)
    {
        for (int i = graphs.Count - 1; i >= 0; i--)
        {
            if (graphs[i].Expected.Remove(key))
            {
                Expected--;
                return graphs[i];
            }
        }

        return null;
    }

    private Graph Begin(List<Graph> graphs, Block block, DateTimeOffset now)
    {
        // fetched once more, it begins anew; else the one that was served longest ago makes room
        int old = graphs.FindIndex(graph => graph.Root.Equals(block.Cid));
        if (old < 0 && graphs.Count == MaxGraphs)
        {
            old = graphs.IndexOf(graphs.MinBy(graph => graph.LastSent)!);
        }

        if (old >= 0)
        {
            Forget(graphs[old]);
            graphs.RemoveAt(old);
        }

        Graph graph = new(block.Cid, SizeOf(block), now);
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
