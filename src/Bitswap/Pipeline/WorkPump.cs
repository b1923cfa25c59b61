using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace Bitswap.Pipeline;

/// <summary>
/// Runs work beside the pipeline and writes what comes of it on the pipeline thread. Each piece of work ends in one action on the sink;
/// at most <c>limit</c> pieces are unwritten at any time, running or done, so a slow reader downstream holds memory constant.
/// </summary>
/// <remarks>Its members are for the pipeline thread.</remarks>
internal sealed class WorkPump : IDisposable
{
    /// <summary>How many notes may be unwritten; one over it is dropped.</summary>
    private const int MaxNotes = 256;

    private const long Note = -1;

    // half of what a pipeline may take to stop
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);
    // often enough for a progress bar to move, seldom enough to cost nothing
    private static readonly TimeSpan _idlePace = TimeSpan.FromMilliseconds(250);
    private readonly IPipelineSink _sink;
    private readonly int _limit;
    private readonly Action? _idle;
    private readonly Channel<(long Index, Action<IPipelineSink> Write)> _done;
    private readonly Dictionary<long, Action<IPipelineSink>>? _early;
    private readonly CancellationTokenSource _stop;
    private int _notes;
    private long _dropped;
    private int _unread;
    private long _started;
    private long _next;
    private bool _disposed;

    /// <summary>Makes a pump.</summary>
    /// <param name="sink">Where actions write.</param>
    /// <param name="limit">How many pieces may be unwritten, 1 or more.</param>
    /// <param name="ordered">Whether results are written in the order the work was started, or as they come.</param>
    /// <param name="stopping">Cancels all work.</param>
    /// <param name="idle">Called on the pipeline thread now and then while it waits; null for nothing.</param>
    public WorkPump(IPipelineSink sink, int limit, bool ordered, CancellationToken stopping, Action? idle = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _sink = sink;
        _limit = limit;
        _idle = idle;
        _early = ordered ? [] : null;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        // room for all: a worker never waits to hand in its result
        _done = Channel.CreateBounded<(long, Action<IPipelineSink>)>(new BoundedChannelOptions(limit + MaxNotes) { SingleReader = true });
    }

    /// <summary>How many notes were dropped, since the pipeline thread was busy elsewhere.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many pieces are started and not yet written.</summary>
    public int Unwritten => _unread + (_early?.Count ?? 0);

    /// <summary>Starts a piece of work, after waiting for room if there is none, and writes what is done meanwhile.</summary>
    /// <param name="work">Gives the action that writes its result. What it throws ends the pipeline, so it handles an item's own errors.</param>
    public void Start(Func<CancellationToken, Task<Action<IPipelineSink>>> work)
    {
        Drain();
        while (Unwritten >= _limit)
        {
            WriteNext();
        }

        _unread++;
        _ = RunAsync(_started++, work);
    }

    /// <summary>Has something written beside the results, soon: while the pipeline thread waits, too. From any thread; it may be dropped.</summary>
    public void Tell(Action<IPipelineSink> write)
    {
        if (Interlocked.Increment(ref _notes) > MaxNotes || !_done.Writer.TryWrite((Note, write)))
        {
            Interlocked.Decrement(ref _notes);
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Writes what is done, waiting for nothing.</summary>
    public void Drain()
    {
        while (_done.Reader.TryRead(out (long Index, Action<IPipelineSink> Write) result))
        {
            Write(result.Index, result.Write);
        }
    }

    /// <summary>Writes everything that was started.</summary>
    public void Complete()
    {
        while (_unread > 0)
        {
            WriteNext();
        }

        Drain();
    }

    /// <summary>
    /// Cancels, waits until every piece of work has ended, and drops the results. One that does not heed the cancelling, as a call into a user's block
    /// store cannot, is let go after 100 ms: it ends by itself, and how it ends is not told.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stop.Cancel();
        using CancellationTokenSource patience = new(_patience);
        try
        {
            while (_unread > 0)
            {
                if (PipelineThread.Wait(_done.Reader.ReadAsync(patience.Token)).Index != Note)
                {
                    _unread--;
                }
            }

            _stop.Dispose();
        }
        catch (OperationCanceledException)
        {
            // who is still at work looks at the token
        }
    }

    private void WriteNext()
    {
        (long index, Action<IPipelineSink> write) = _idle is null
            ? PipelineThread.Wait(_done.Reader.ReadAsync(_stop.Token))
            : PipelineThread.Wait(_done.Reader.ReadAsync(_stop.Token), _idlePace, _idle);
        Write(index, write);
    }

    private void Write(long index, Action<IPipelineSink> write)
    {
        if (index == Note)
        {
            Interlocked.Decrement(ref _notes);
            write(_sink);
            return;
        }

        _unread--;
        if (_early is null)
        {
            write(_sink);
            return;
        }

        _early.Add(index, write);
        while (_early.Remove(_next, out Action<IPipelineSink>? next))
        {
            _next++;
            next(_sink);
        }
    }

    private async Task RunAsync(long index, Func<CancellationToken, Task<Action<IPipelineSink>>> work)
    {
        Action<IPipelineSink> write;
        try
        {
            write = await work(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // thrown again where it is seen: on the pipeline thread
            ExceptionDispatchInfo failure = ExceptionDispatchInfo.Capture(exception);
            write = _ => failure.Throw();
        }

        if (!_done.Writer.TryWrite((index, write)))
        {
            throw new InvalidOperationException("A work pump ran more work than it has room for.");
        }
    }
}
