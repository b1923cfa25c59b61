using System.Collections.Concurrent;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Routing;

namespace Bitswap.Node.Content;

/// <summary>
/// Fetches the blocks of one graph: from the store where they are there, else from peers. All wants are of one session, so what is learnt of
/// peers with one block serves the next. A block that every peer says it does not have fails at once; one whose peers went away or fell silent
/// is waited for until nothing has arrived for the time of silence. Where providers are searched for, they are for the blocks above one, too, up to the root:
/// often it alone is announced. As long as it is open,
/// no block that it has asked for is collected as unneeded: a graph that is fetched is there whole at its end, and what occurs in it twice is
/// fetched once.
/// </summary>
public sealed class FetchSession : IAsyncDisposable
{
    private readonly NodeHost _node;
    private readonly FetchSessionOptions _options;
    private readonly TimeProvider _clock;
    private readonly WantOptions _want;
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly GcLock? _hold;
    private readonly bool _hadPeers;
    private readonly BlockAncestry? _ancestry;
    private IGraphWalk? _walk;
    private long _lastArrival;
    private long _fetched;
    private long _blocks;
    private bool _disposed;

    /// <summary>Begins a session.</summary>
    /// <param name="node">Who fetches.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="clock">The clock of the silence; null for the system's.</param>
    public FetchSession(NodeHost node, FetchSessionOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        _node = node;
        _options = options ?? new FetchSessionOptions();
        _clock = clock ?? TimeProvider.System;

        // Needed for searches alone.
        _ancestry = node.Routing.Sources.Count > 0 && _options.OnlyPeers is null ? new BlockAncestry() : null;
        _want = new WantOptions
        {
            Session = node.NewSession(),
            OnlyPeers = _options.OnlyPeers,
            Priority = _options.Priority,
            FailFast = !_options.Wait,
            Passing = _options.Passing,
            AncestorsOf = _ancestry is { } ancestry ? cid => ancestry.Of(cid, node.Routing.Options.AncestorsPerSearch) : null,
        };

        // What only passes through a store with a bound is let go anyway: it may be more than the store holds, and a list of all of it would grow with it.
        _hold = _options.Passing && (node.Memory is not null || node.IsBounded) ? null : node.GcLocker.LockOwn();
        _hadPeers = node.ConnectedPeers.Any(peer => _options.OnlyPeers?.Contains(peer) != false);
        _lastArrival = _clock.GetTimestamp();
        _timer = _clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_options.Silence ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the session as a reader of blocks.</summary>
    public BlockReader Reader => ReadAsync;

    /// <summary>Bytes of the blocks that peers have sent.</summary>
    public long BytesFetched => Interlocked.Read(ref _fetched);

    /// <summary>Gets how many blocks peers have sent.</summary>
    public long BlocksFetched => Interlocked.Read(ref _blocks);

    /// <summary>Tells what the block waits for that was asked for first, as <see cref="NodeHost.WaitOf"/>; null while none is waited for.</summary>
    internal string? WaitsFor() => _pending.Values.MinBy(pending => pending.Want.Id) is { } first ? _node.WaitOf(first.Want) : null;

    /// <summary>
    /// Says what will be read next, so that a gateway which is asked for its first block may send all of it at once. It is no order: what is not read is not fetched for it, and whatever is read
    /// besides comes as ever. What was said before is over.
    /// </summary>
    public void Expect(GraphRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        IGraphWalk? before;
        lock (_lock)
        {
            before = _walk;
            _walk = _disposed || range.Root.Codec == Multicodec.Raw ? null : _node.Expect(range);
        }

        before?.Dispose();
    }

    /// <summary>Gets one block.</summary>
    /// <param name="cid">Which.</param>
    /// <param name="cancellationToken">Gives up the want.</param>
    /// <exception cref="BitswapException">
    /// <c>BlockUnavailable</c>: every peer that could be asked has said no. <c>Timeout</c>: no block at all has arrived for the time of silence.
    /// <c>WantCancelled</c>, <c>StoreFailed</c>, <c>NodeStopped</c>.
    /// </exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken = default) =>
        ReadWithRetryAsync(cid, _want, cancellationToken);

    /// <summary>Gets one block from certain peers, when it is not stored.</summary>
    /// <param name="cid">Which.</param>
    /// <param name="onlyPeers">Asks these alone, in place of those of the session.</param>
    /// <param name="cancellationToken">Gives up the want.</param>
    /// <exception cref="BitswapException">As the other overload.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, IReadOnlyList<PeerId> onlyPeers, CancellationToken cancellationToken = default) =>
        ReadWithRetryAsync(cid, _want with { OnlyPeers = onlyPeers }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IGraphWalk? walk;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            walk = _walk;
        }

        walk?.Dispose();
        await _timer.DisposeAsync().ConfigureAwait(false);
        _hold?.Dispose();
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadWithRetryAsync(Cid cid, WantOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cid, options, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockUnavailableException failure) when (failure.ErrorId == NodeErrorIds.BlockUnavailable && MayComeBack(failure))
        {
            return await ReadAsync(cid, options with { FailFast = false }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, WantOptions options, CancellationToken cancellationToken)
    {
        _ancestry?.Asked(cid);

        // One that is stored is held like one that comes, and one that is being removed is looked for once it is gone.
        await NoteAsync(cid).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        IGraphWalk? walk = Volatile.Read(ref _walk);
        walk?.Asking(cid);
        bool came = false;
        try
        {
            NodeWant want = await _node.WantAsync(cid, options, cancellationToken).ConfigureAwait(false);
            walk?.Asked(cid);
            ReadOnlyMemory<byte> data = await WaitAsync(cid, want, cancellationToken).ConfigureAwait(false);
            came = true;
            return data;
        }
        finally
        {
            walk?.Over(cid, came);
        }
    }

    private ValueTask NoteAsync(Cid cid) => _hold is { } hold ? hold.NotePutAsync(cid) : _node.NotePutAsync(cid);

    private async ValueTask<ReadOnlyMemory<byte>> WaitAsync(Cid cid, NodeWant want, CancellationToken cancellationToken)
    {
        Pending pending = new(want);
        if (_pending.IsEmpty)
        {
            // Nothing was wanted, so that nothing came was no silence.
            Interlocked.Exchange(ref _lastArrival, _clock.GetTimestamp());
        }

        _pending[want.Id] = pending;
        try
        {
            Block block = await want.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.Exchange(ref _lastArrival, _clock.GetTimestamp());
            if (want.From is not null)
            {
                Interlocked.Add(ref _fetched, block.Data.Length);
                Interlocked.Increment(ref _blocks);
            }

            _ancestry?.Read(cid, block.Data);
            return block.Data;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await want.CancelAsync().ConfigureAwait(false);
            throw;
        }
        catch (BlockUnavailableException failure) when (failure.ErrorId == NodeErrorIds.WantCancelled && pending.IsSilent)
        {
            SearchReport? search = _node.SearchReportOf(cid);
            throw NodeErrors.Silence(cid, _options.Silence!.Value, failure.Asked, search?.Account());
        }
        finally
        {
            _pending.TryRemove(want.Id, out _);
        }
    }

    // One that connected to this node and left, which knows the way; or all that were there have left.
    private bool MayComeBack(BlockUnavailableException failure) => failure.Asked.Count == 0
        ? _hadPeers
        : failure.Asked.Any(answer => answer.Kind is not (PeerAnswerKind.DontHave or PeerAnswerKind.CannotAsk));

    private void Look()
    {
        TimeSpan since = _clock.GetElapsedTime(Interlocked.Read(ref _lastArrival));
        if (since >= _options.Silence)
        {
            foreach (Pending pending in _pending.Values)
            {
                pending.IsSilent = true;
                _ = pending.Want.CancelAsync().AsTask();
            }

            since = TimeSpan.Zero;
            Interlocked.Exchange(ref _lastArrival, _clock.GetTimestamp());
        }

        lock (_lock)
        {
            if (!_disposed)
            {
                _timer.Change(_options.Silence - since ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private sealed class Pending(NodeWant want)
    {
        private volatile bool _isSilent;

        public NodeWant Want { get; } = want;

        /// <summary>Gets whether it was given up because nothing arrived.</summary>
        public bool IsSilent
        {
            get => _isSilent;
            set => _isSilent = value;
        }
    }
}

/// <summary>How the blocks of one graph are fetched.</summary>
public sealed record FetchSessionOptions
{
    /// <summary>Asks these peers alone and tells no others of the CIDs; null asks all that may have them.</summary>
    public IReadOnlyList<PeerId>? OnlyPeers { get; init; }

    /// <summary>
    /// Gets whether a block is waited for, as long as <see cref="Silence"/> allows, although every peer says that it does not have it: one may be about to
    /// get it. False by default: it fails at once.
    /// </summary>
    public bool Wait { get; init; }

    /// <summary>Gets how long no block may arrive while one is wanted, 1 ms to 365 days; null waits for ever. As long as blocks come, a fetch may take any time.</summary>
    public TimeSpan? Silence { get; init => field = InRange(value); } = TimeSpan.FromSeconds(30);

    /// <summary>As <see cref="WantOptions.Passing"/>.</summary>
    public bool Passing { get; init; }

    /// <summary>Higher is served first. The protocol's default is 1.</summary>
    public int Priority { get; init; } = 1;

    private static TimeSpan? InRange(TimeSpan? value) => value is null || (value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromDays(365))
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A time must be from 1 ms to 365 days.");
}
