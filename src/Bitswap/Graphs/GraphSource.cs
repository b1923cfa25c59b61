using Bitswap.Blocks;
using Bitswap.Dag.Abstractions;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Graphs;

/// <summary>Where a cmdlet has the blocks of one graph from: the node's own store and, when that is wished, its peers. All is one session.</summary>
internal sealed class GraphSource : IAsyncDisposable
{
    private readonly BitswapNode _node;
    private readonly FetchSession? _session;
    private readonly FetchStory? _story;

    private GraphSource(BitswapNode node, FetchSession? session, FetchStory? story = null)
    {
        _node = node;
        _session = session;
        _story = story;
        Reader = session is null ? NodeBlocks.Local(node.Host) : story is null ? session.Reader : ReadToldAsync;
        if (story is not null)
        {
            node.Host.Watch(story);
        }
    }

    /// <summary>Whose store it is, and who asks.</summary>
    public BitswapNode Node => _node;

    /// <summary>Reads the blocks.</summary>
    public BlockReader Reader { get; }

    /// <summary>The node's own store, and no peer is asked.</summary>
    public static GraphSource Local(BitswapNode node) => new(node, null);

    /// <summary>The node's own store, and for what is not there the peers.</summary>
    /// <param name="node">Who fetches.</param>
    /// <param name="only">The only peers to ask, or null for all that may have it.</param>
    /// <param name="silence">How long no block may arrive while one is waited for, or null for ever.</param>
    /// <param name="wait">Whether to wait, as long as that allows, for a block that every peer says it does not have.</param>
    /// <param name="isPassing">Whether the blocks are written to a file, so that a store in memory need not hold them.</param>
    /// <param name="tell">Takes a line for each peer that is asked for a block and for each answer, on the node's loop; null where it is not wanted.</param>
    public static GraphSource Fetch(
        BitswapNode node, IReadOnlyList<PeerId>? only, TimeSpan? silence, bool wait = false, bool isPassing = false, Action<string>? tell = null) =>
        new(
            node,
            new FetchSession(node.Host, new FetchSessionOptions { OnlyPeers = only, Silence = silence, Wait = wait, Passing = isPassing }),
            tell is null ? null : new FetchStory(tell));

    /// <summary>Reads a stored block, or fetches one from certain peers alone.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, IReadOnlyList<PeerId> peers, CancellationToken cancellationToken)
    {
        _story?.Follow(cid);
        return _session?.ReadAsync(cid, peers, cancellationToken) ?? Reader(cid, cancellationToken);
    }

    /// <summary>Says what will be read next, so that a gateway which is asked for its first block may send all of it at once.</summary>
    public void Expect(GraphRange range) => _session?.Expect(range);

    /// <summary>The size of a block that is stored or follows from its CID; null of others, and of one that is known to be corrupt.</summary>
    public ValueTask<long?> StoredSizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        ValueTask<long?> size = _node.Host.GetLocalSizeAsync(cid, cancellationToken);

        // a store of the user's own may not look at the token
        return size.IsCompleted ? size : new ValueTask<long?>(size.AsTask().WaitAsync(cancellationToken));
    }

    /// <summary>Tells what a fetch waits for; null while it waits for nothing.</summary>
    public string? WaitsFor() => _session?.WaitsFor();

    /// <summary>Tells a meter what peers have sent.</summary>
    public void Show(ProgressMeter meter)
    {
        if (_session is not null)
        {
            meter.MoveTo(_session.BlocksFetched, _session.BytesFetched);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_story is not null)
        {
            _node.Host.Unwatch(_story);
        }

        return _session?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadToldAsync(Cid cid, CancellationToken cancellationToken)
    {
        _story!.Follow(cid);
        try
        {
            return await _session!.ReadAsync(cid, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // a graph may have more blocks than a list of them has room for
            _story.Unfollow(cid);
        }
    }
}
