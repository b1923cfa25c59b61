
namespace Bitswap.Node;

/// <summary>One caller's interest in one CID.</summary>
public sealed class NodeWant
{
    private readonly NodeHost _node;
    private readonly TaskCompletionSource<Block> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal NodeWant(NodeHost node, long id, Cid cid, WantOptions options, DateTimeOffset started)
    {
        _node = node;
        Id = id;
        Cid = cid;
        Options = options;
        Started = started;
    }

    /// <summary>The number of the interest, unique in its node.</summary>
    public long Id { get; }

    /// <summary>What is wanted.</summary>
    public Cid Cid { get; }

    /// <summary>How it is wanted.</summary>
    public WantOptions Options { get; }

    /// <summary>When it was put on the wantlist.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>
    /// Ends with the block once it is stored (with no data for a want of type <see cref="WantType.Have"/> and for one that is
    /// <see cref="WantOptions.StoreOnly"/>), or faults with a
    /// <see cref="BitswapException"/>: <c>BlockUnavailable</c>, <c>Timeout</c>, <c>WantCancelled</c>, <c>StoreFailed</c>, <c>StoreFull</c>, <c>NodeStopped</c>.
    /// </summary>
    public Task<Block> Completion => _completion.Task;

    /// <summary>The peer that the block came from; null while there is none, and when the store had it.</summary>
    public PeerId? From { get; private set; }

    /// <summary>The size of the block in bytes; 0 while it has not come, and for a want of type <see cref="WantType.Have"/>.</summary>
    public int Size { get; private set; }

    /// <summary>Where the want stands.</summary>
    public NodeWantState State => _completion.Task.Status switch
    {
        TaskStatus.RanToCompletion => NodeWantState.Received,
        TaskStatus.Faulted => _completion.Task.Exception?.InnerException is BitswapException { ErrorId: "WantCancelled" }
            ? NodeWantState.Cancelled
            : NodeWantState.Failed,
        _ => NodeWantState.Wanted,
    };

    /// <summary>Gives up this interest, and this one only: other callers' wants for the CID stay.</summary>
    public ValueTask CancelAsync() => _node.CancelAsync(this);

    internal void Receive(Block block, PeerId? from)
    {
        From = from;
        Size = block.Data.Length;
        _completion.TrySetResult(Options.StoreOnly ? new Block(block.Cid, default) : block);
    }

    internal void Fail(BitswapException failure)
    {
        _completion.TrySetException(failure);
        // a want that nobody awaits may fail without that being an unobserved exception
        _ = _completion.Task.Exception;
    }
}
