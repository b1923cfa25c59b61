namespace Bitswap.Node.Abstractions;

/// <summary>One caller's interest in one CID.</summary>
public sealed class NodeWant
{
    private readonly Func<NodeWant, ValueTask> _cancel;
    private readonly TaskCompletionSource<Block> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal NodeWant(Func<NodeWant, ValueTask> cancel, long id, Cid cid, WantOptions options, DateTimeOffset started)
    {
        _cancel = cancel;
        Id = id;
        Cid = cid;
        Options = options;
        Started = started;
    }

    /// <summary>Gets the number of the interest, unique in its node.</summary>
    public long Id { get; }

    /// <summary>Gets the block that is wanted.</summary>
    public Cid Cid { get; }

    /// <summary>Gets how it is wanted.</summary>
    public WantOptions Options { get; }

    /// <summary>Gets when it was put on the wantlist.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>
    /// Ends with the block once it is stored (with no data for a want of type <see cref="WantType.Have"/> and for one that is
    /// <see cref="WantOptions.StoreOnly"/>), or faults with a
    /// <see cref="BitswapException"/>: <c>BlockUnavailable</c>, <c>Timeout</c>, <c>WantCancelled</c>, <c>StoreFailed</c>, <c>StoreFull</c>, <c>NodeStopped</c>.
    /// </summary>
    public Task<Block> Completion => _completion.Task;

    /// <summary>Gets the peer that the block came from; null while there is none, and when the store had it.</summary>
    public PeerId? From { get; private set; }

    /// <summary>Gets the size of the block in bytes; 0 while it has not come, and for a want of type <see cref="WantType.Have"/>.</summary>
    public int Size { get; private set; }

    /// <summary>Gets where the want stands.</summary>
    public NodeWantState State => _completion.Task.Status switch
    {
        TaskStatus.RanToCompletion => NodeWantState.Received,
        TaskStatus.Faulted => _completion.Task.Exception?.InnerException is BitswapException { ErrorId: NodeErrorIds.WantCancelled }
            ? NodeWantState.Cancelled
            : NodeWantState.Failed,
        _ => NodeWantState.Wanted,
    };

    /// <summary>Gives up this interest, and this one only: other callers' wants for the CID stay.</summary>
    public ValueTask CancelAsync() => _cancel(this);

    internal void Receive(Block block, PeerId? from)
    {
        From = from;
        Size = block.Data.Length;
        _completion.TrySetResult(Options.StoreOnly ? new Block(block.Cid, default) : block);
    }

    internal void Fail(BitswapException failure)
    {
        _completion.TrySetException(failure);
        // A want that is not awaited may fail without that being an unobserved exception.
        _ = _completion.Task.Exception;
    }
}

/// <summary>Where a want stands.</summary>
public enum NodeWantState
{
    /// <summary>It is on the wantlist.</summary>
    Wanted,

    /// <summary>The block came and is stored, or a peer said that it has it.</summary>
    Received,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>It ended without the block.</summary>
    Failed,
}

/// <summary>How a block is wanted.</summary>
public sealed record WantOptions
{
    /// <summary>Higher is served first. The protocol's default is 1.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>Gets whether the block itself is wanted, or only whether a peer has it.</summary>
    public WantType Type { get; init; } = WantType.Block;

    /// <summary>Gets the session it belongs to, of <see cref="NodeHost.NewSession"/>; 0 for none.</summary>
    public long Session { get; init; }

    /// <summary>Asks these peers alone and tells no others of the CID; null asks all that may have it.</summary>
    public IReadOnlyList<PeerId>? OnlyPeers { get; init; }

    /// <summary>Gets when to give up; null waits for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Gets whether the block only has to get into the store: <see cref="NodeWant.Completion"/> then gives its CID without its data, so that wants
    /// that are kept hold no blocks in memory.
    /// </summary>
    public bool StoreOnly { get; init; }

    /// <summary>
    /// Gets whether the caller writes the block where it belongs, such as into a file, so that a store in memory need not go on holding it: it is let go before others
    /// that were fetched.
    /// </summary>
    public bool Passing { get; init; }

    /// <summary>Gets whether the want ends as soon as every known source has said that it does not have the block.</summary>
    public bool FailFast { get; init; }

    /// <summary>
    /// Gives the blocks above the wanted one in its graph, the nearest first; null where none is known. When the block's providers are searched for, theirs
    /// are, too. Called on the node's loop: it must return at once.
    /// </summary>
    internal Func<Cid, IReadOnlyList<Cid>>? AncestorsOf { get; init; }

    /// <summary>Gets whether the node's own store counts for nothing, so that peers are asked for what it holds, too.</summary>
    public bool SkipStore { get; init; }
}
