using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Blockstores;
using Bitswap.Protocol;

namespace Bitswap.Node;

/// <content>Blocks and wants.</content>
public sealed partial class NodeHost
{
    /// <summary>
    /// Checks a block against its CID, stores it, and answers the peers and callers that wait for it. What an identity CID holds is not stored, since it is in
    /// every such CID.
    /// </summary>
    /// <exception cref="BitswapException">
    /// <c>InvalidBlock</c>: the data does not hash to the CID. <c>InvalidMultihash</c>, <c>BlockTooLarge</c>: it may be no block (<see cref="BlockRule"/>).
    /// <c>StoreFailed</c>. <c>NodeStopped</c>.
    /// </exception>
    public ValueTask PutBlockAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => PutHeldBlockAsync(cid, data, null, cancellationToken);

    /// <summary>As <see cref="PutBlockAsync"/>, for work that keeps what it puts.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="data">Its data.</param>
    /// <param name="hold">The lock that keeps it; null for none of its own.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async ValueTask PutHeldBlockAsync(Cid cid, ReadOnlyMemory<byte> data, GcLock? hold, CancellationToken cancellationToken)
    {
        EnsureRunning();
        if (BlockRule.Check(cid, data.Length) is { } refusal)
        {
            throw NodeErrors.Refused(cid, refusal);
        }

        if (!cid.Hash.Matches(data.Span))
        {
            throw NodeErrors.InvalidBlock(cid);
        }

        if (cid.Hash.Code == MultihashCode.Identity)
        {
            return;
        }

        if (hold is not null)
        {
            await hold.NotePutAsync(cid).ConfigureAwait(false);
        }
        else
        {
            await GcLocker.NotePutAsync(cid).ConfigureAwait(false);
        }

        await _store.PutAsync(cid, data, cancellationToken).ConfigureAwait(false);
        _verified.Forget(cid);
        NoteAdded(cid);
        await PostAsync((engine, now) => engine.BlockAdded(cid, data.Length, now), cancellationToken).ConfigureAwait(false);
        NoteStored(cid);
    }

    /// <summary>Returns a block that the node has, verified: one that follows from its CID, or one of the local store. Null when it has none.</summary>
    /// <exception cref="BitswapException">
    /// <c>StoreCorrupt</c>: it is there and torn. <c>InvalidMultihash</c>: no block may have the CID. <c>NodeStopped</c>.
    /// </exception>
    public ValueTask<ReadOnlyMemory<byte>?> ReadLocalAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        return BlockRule.Check(cid) is { } refusal ? throw NodeErrors.Refused(cid, refusal) : _verified.GetAsync(cid, cancellationToken);
    }

    /// <summary>
    /// Returns the size of a block that the node has, as <see cref="ReadLocalAsync"/>; null when it has none or it is known to be corrupt. It is not read, unless it is
    /// empty and should not be.
    /// </summary>
    /// <exception cref="BitswapException"><c>StoreFailed</c>. <c>NodeStopped</c>.</exception>
    public ValueTask<long?> GetLocalSizeAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        return _verified.SizeAsync(cid, cancellationToken);
    }

    /// <summary>Returns whether a block of the local store was found corrupt and has not been put again since.</summary>
    public bool IsCorrupt(Cid cid) => _verified.IsCorrupt(cid);

    /// <summary>Removes a block from the local store; false when it was not there.</summary>
    public async ValueTask<bool> RemoveBlockAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        bool removed = await _store.RemoveAsync(cid, cancellationToken).ConfigureAwait(false);
        _verified.Forget(cid);
        await PostAsync((engine, now) => engine.BlockRemoved(cid, now), cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>Returns a number by which wants that belong together share what they learn of peers.</summary>
    public long NewSession() => Interlocked.Increment(ref _lastId);

    /// <summary>Tells the network that a graph is about to be walked; null where that is of no use to it.</summary>
    internal IGraphWalk? Expect(GraphRange range) => _network.Expect(range);

    /// <summary>Wants one block. The task ends once the want is on the wantlist.</summary>
    public async ValueTask<NodeWant> WantAsync(Cid cid, WantOptions options, CancellationToken cancellationToken = default)
    {
        NodeWant want = CreateWant(cid, options);
        await PostAsync((engine, now) => Register(engine, want, now), cancellationToken).ConfigureAwait(false);
        return want;
    }

    /// <summary>Wants many blocks at once, with the same options and in their order.</summary>
    public async ValueTask<IReadOnlyList<NodeWant>> WantAsync(IReadOnlyList<Cid> cids, WantOptions options, CancellationToken cancellationToken = default)
    {
        NodeWant[] wants = new NodeWant[cids.Count];
        for (int i = 0; i < wants.Length; i++)
        {
            wants[i] = CreateWant(cids[i], options);
        }

        await PostAsync(
            (engine, now) =>
            {
                foreach (NodeWant want in wants)
                {
                    Register(engine, want, now);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return wants;
    }

    /// <summary>Fetches one block; a cancelled token gives up the want.</summary>
    /// <exception cref="BitswapException"><c>BlockUnavailable</c>, <c>Timeout</c>, <c>WantCancelled</c>, <c>StoreFailed</c> or <c>NodeStopped</c>.</exception>
    public async ValueTask<Block> GetBlockAsync(Cid cid, WantOptions options, CancellationToken cancellationToken = default)
    {
        NodeWant want = await WantAsync(cid, options, cancellationToken).ConfigureAwait(false);
        try
        {
            return await want.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await want.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends everyone's wants for a CID; each faults with <c>WantCancelled</c>.</summary>
    public ValueTask CancelAllAsync(Cid cid, CancellationToken cancellationToken = default) =>
        PostAsync((engine, now) => engine.CancelCid(cid, now), cancellationToken);

    private async ValueTask CancelAsync(NodeWant want)
    {
        if (want.Completion.IsCompleted)
        {
            return;
        }

        // A stopped node has ended the want already.
        await _loop.PostAsync((engine, now) =>
        {
            if (_actions.Wants.ContainsKey(want.Id))
            {
                engine.CancelWant(want.Id, now);
            }
        }).ConfigureAwait(false);
    }

    private NodeWant CreateWant(Cid cid, WantOptions options) =>
        new(CancelAsync, Interlocked.Increment(ref _lastId), cid, options, _options.Clock.GetUtcNow());

    private void Register(BitswapEngine engine, NodeWant want, TimeSpan now)
    {
        _actions.Wants.Add(want.Id, want);
        _loop.Watch.Wanted(want);
        WantOptions options = want.Options;
        engine.Want(
            new WantRequest
            {
                Id = want.Id,
                Cid = want.Cid,
                Priority = options.Priority,
                Type = options.Type,
                SessionId = options.Session,
                OnlyPeers = options.OnlyPeers,
                FailFast = options.FailFast,
                SkipStore = options.SkipStore,
                Deadline = options.Timeout is { } timeout ? now + timeout : null,
            },
            now);
    }

    private void FoundCorrupt(Cid cid, string reason)
    {
        _log.BlockCorrupt(reason);
        _actions.Track(_loop.PostAsync((_, _) => _loop.Watch.BlockCorrupt(cid, reason)).AsTask());
    }

    private async ValueTask PostAsync(Action<BitswapEngine, TimeSpan> input, CancellationToken cancellationToken)
    {
        if (!IsRunning || !await _loop.PostAsync(input, cancellationToken).ConfigureAwait(false))
        {
            throw NodeErrors.Stopped();
        }
    }
}
