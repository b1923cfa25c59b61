using System.Runtime.ExceptionServices;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// Gives the blocks of a graph depth first, and fetches those that come next at the same time. What is under way and what waits for the reader together
/// stay within a number of bytes and of blocks; blocks ahead are opened as they come, so what lies below them is fetched ahead as well.
/// </summary>
/// <remarks>Its members are for one task at a time.</remarks>
internal sealed class ReadAhead : IAsyncDisposable
{
    private readonly Func<ReadItem, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> _fetch;
    private readonly long _maxBytes;
    private readonly int _maxBlocks;
    private readonly CancellationTokenSource _stop;
    private readonly HashSet<Task> _running = [];
    private readonly ArrivalQueue<ReadItem> _arrived = new();
    private ReadItem? _head;
    private ReadItem? _current;
    private long _held;
    private int _started;
    private int _taken;
    private bool _full;

    /// <summary>Starts at a block.</summary>
    /// <param name="root">The first item.</param>
    /// <param name="fetch">Gets an item's block; called from several tasks at once.</param>
    /// <param name="limits">How much is fetched ahead.</param>
    /// <param name="cancellationToken">Ends all of it.</param>
    public ReadAhead(
        ReadItem root, Func<ReadItem, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> fetch, ReadLimits limits, CancellationToken cancellationToken)
    {
        _head = root;
        _fetch = fetch;
        _maxBytes = limits.ReadAheadBytes;
        _maxBlocks = limits.ReadAheadBlocks;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Gets the most bytes that were set aside at once.</summary>
    internal long Peak { get; private set; }

    /// <summary>Returns the next item, opened; null at the end. What it holds may be used until the next call.</summary>
    public async ValueTask<ReadItem?> NextAsync()
    {
        Release(_current);
        _current = _head;
        if (_current is null)
        {
            return null;
        }

        _taken++;
        if (_current.Fetch is null || (_full && IsRoomAgain()))
        {
            Fill();
        }

        FollowArrived();
        while (!_current.Fetch!.IsCompleted)
        {
            // what lies below the blocks that come before it does not wait for this one
            await _arrived.WaitAsync(_current.Fetch).ConfigureAwait(false);
            FollowArrived();
        }

        try
        {
            Open(_current, await TakeAsync(_current).ConfigureAwait(false));
        }
        catch (Exception failure) when (!_stop.IsCancellationRequested)
        {
            _current.Failure = failure;
        }

        if (_current.Failure is { } cause && !_current.GoOnWithout(cause))
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        _head = _current.Next;
        return _current;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async ValueTask<ReadOnlyMemory<byte>> TakeAsync(ReadItem item)
    {
        if (await item.Fetch!.ConfigureAwait(false) is { } block)
        {
            return block;
        }

        ReadOnlyMemory<byte> again = await _fetch(item, _stop.Token).ConfigureAwait(false);
        Charge(item, again.Length);
        return again;
    }

    private static void Open(ReadItem item, ReadOnlyMemory<byte> block)
    {
        if (item.IsOpen)
        {
            return;
        }

        item.IsOpen = true;
        try
        {
            IReadOnlyList<ReadItem> children = item.Open(block);
            ReadItem? after = item.Next;
            for (int i = children.Count - 1; i >= 0; i--)
            {
                children[i].Next = after;
                after = children[i];
            }

            item.Next = after;
        }
        catch (Exception failure) when (failure is FormatException)
        {
            item.Failure = failure;
        }
    }

    // in strides, so that what is asked of a peer goes out in few messages and the next are not looked through for each block
    private bool IsRoomAgain() => _taken >= _maxBlocks / 4 || (_started < _maxBlocks && Interlocked.Read(ref _held) < _maxBytes / 4 * 3);

    /// <summary>Fetches what comes next, from the head on.</summary>
    private void Fill()
    {
        _full = false;
        _taken = 0;
        int blocks = 0;
        for (ReadItem? item = _head; item is not null; item = item.Next)
        {
            if (blocks >= _maxBlocks || (item.Fetch is null && !TryStart(item)))
            {
                _full = true;
                return;
            }

            blocks++;
            OpenIfThere(item);
        }
    }

    /// <summary>Opens the blocks that have come, and fetches what lies below them while there is room: without any, what is nearer goes first.</summary>
    private void FollowArrived()
    {
        while (_arrived.TryTake(out ReadItem? item))
        {
            // one that had its turn is open, or was let go of
            ReadItem? after = item.Next;
            if (_full || item.Fetch is null || !OpenIfThere(item))
            {
                continue;
            }

            for (ReadItem? child = item.Next; child is not null && child != after; child = child.Next)
            {
                if (_started >= _maxBlocks || !TryStart(child))
                {
                    _full = true;
                    break;
                }

                if (child.Fetch!.IsCompleted)
                {
                    _arrived.Add(child);
                }
            }
        }
    }

    private static bool OpenIfThere(ReadItem item)
    {
        if (item.IsOpen || !item.Fetch!.IsCompletedSuccessfully || item.Fetch.Result is not { } block)
        {
            return false;
        }

        Open(item, block);
        return true;
    }

    private bool TryStart(ReadItem item)
    {
        if (!item.NeedsBlock)
        {
            _started++;
            item.Fetch = Task.FromResult<ReadOnlyMemory<byte>?>(ReadOnlyMemory<byte>.Empty);
            return true;
        }

        if (!ReferenceEquals(item, _head) && Interlocked.Read(ref _held) + item.Estimate > _maxBytes)
        {
            return false;
        }

        _started++;
        Charge(item, item.Estimate);
        Task<ReadOnlyMemory<byte>?> fetch = FetchAsync(item);
        item.Fetch = fetch;
        if (!fetch.IsCompleted)
        {
            lock (_running)
            {
                _running.Add(fetch);
            }

            _ = ForgetAsync(item, fetch);
        }

        return true;
    }

    private async Task<ReadOnlyMemory<byte>?> FetchAsync(ReadItem item)
    {
        ReadOnlyMemory<byte> block = await _fetch(item, _stop.Token).ConfigureAwait(false);
        Charge(item, block.Length);
        if (Interlocked.Read(ref _held) <= _maxBytes + block.Length || ReferenceEquals(item, _current))
        {
            return block;
        }

        // larger than the graph said: asked for again at its turn, from the store by then
        Charge(item, 0);
        return null;
    }

    private async Task ForgetAsync(ReadItem item, Task fetch)
    {
        await fetch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = fetch.Exception;
        lock (_running)
        {
            _running.Remove(fetch);
        }

        if (item.LeadsOn)
        {
            _arrived.Add(item);
        }
    }

    private void Charge(ReadItem item, long bytes)
    {
        long held = Interlocked.Add(ref _held, bytes - item.Charge);
        item.Charge = bytes;
        Peak = Math.Max(Peak, held);
    }

    private void Release(ReadItem? item)
    {
        if (item is not null)
        {
            Charge(item, 0);
            item.Fetch = null;
            _started--;

            // an entry is held by what is below it: through the chain it would hold every block that was read already
            item.Next = null;
        }
    }
}
