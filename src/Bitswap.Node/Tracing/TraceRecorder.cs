using System.Buffers;
using Bitswap.Node.Observability;

namespace Bitswap.Node.Tracing;

/// <summary>
/// Records what a node does until it is stopped or the node ends. A task of its own writes, so a slow disk costs records, never the node
/// its time; what is dropped is counted, and said in the trace where it happened. Thread-safe.
/// </summary>
public sealed class TraceRecorder : IAsyncDisposable
{
    private const int FlushSize = 64 * 1024;

    private readonly NodeHost _node;
    private readonly TraceOptions _options;
    private readonly TimeProvider _clock;
    private readonly NodeWatcher _watcher;
    private readonly FileStream? _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly TraceWriter _writer;
    private readonly Lock _lock = new();
    private readonly List<NodeObservation> _records = [];
    private long _recorded;
    private long _messages;
    private long _bytes;
    private long _overflow;
    private long _lossWritten;
    private volatile Exception? _failure;

    private TraceRecorder(NodeHost node, TraceOptions options, TimeProvider clock, FileStream? file)
    {
        _node = node;
        _options = options;
        _clock = clock;
        _file = file;
        _writer = new TraceWriter(_buffer);
        HashSet<PeerId>? peers = options.Peers is null ? null : [.. options.Peers];
        _watcher = new NodeWatcher(options.Kinds, options.Room, peers is null ? null : observation => Concerns(observation, peers));
        Started = clock.GetUtcNow();
    }

    /// <summary>Gets when it was started.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Gets the file; null when the records are in memory.</summary>
    public string? Path => _file?.Name;

    /// <summary>Gets how many records there are.</summary>
    public long Recorded => Interlocked.Read(ref _recorded);

    /// <summary>Gets how many of them are messages.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>Gets the bytes written to the file.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets how many observations were lost.</summary>
    public long Dropped => _watcher.Dropped + Interlocked.Read(ref _overflow);

    /// <summary>Gets why the trace ended early, such as a full disk; null while all is well.</summary>
    public Exception? Failure => _failure;

    /// <summary>Ends when the trace has; it never fails.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Gets the records of a trace in memory, so far.</summary>
    public IReadOnlyList<NodeObservation> Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _records];
            }
        }
    }

    /// <summary>Starts to record.</summary>
    /// <exception cref="BitswapException"><c>TraceFailed</c>: the file cannot be made, or is there already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static TraceRecorder Start(NodeHost node, TraceOptions options)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRecords, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxRecords, 16 << 20, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Room, 16, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Room, 16 << 20, nameof(options));
        TraceRecorder recorder = new(node, options, node.Clock, options.Path is null ? null : Open(options));
        recorder.Completion = recorder.RunAsync();
        node.Watch(recorder._watcher);
        node.Introduce(recorder._watcher);
        return recorder;
    }

    /// <summary>Records no more; what the node did until now is written when the task ends.</summary>
    public async Task StopAsync()
    {
        await _node.FinishWatchingAsync(_watcher).ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static FileStream Open(TraceOptions options)
    {
        try
        {
            // Others may read along.
            return new FileStream(options.Path!, new FileStreamOptions
            {
                Mode = options.Overwrite ? FileMode.Create : FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw NodeErrors.TraceFailed(options.Path!, failure);
        }
    }

    private static bool Concerns(NodeObservation observation, HashSet<PeerId> peers) => observation switch
    {
        MessageObservation message => peers.Contains(message.Peer),
        DeliveryObservation delivery => peers.Contains(delivery.Peer),
        PeerObservation peer => peers.Contains(peer.Peer),
        BlockObservation block => peers.Contains(block.Peer),
        _ => true,
    };

    private async Task RunAsync()
    {
        // The caller that starts a trace need not wait for its first line.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            Record(new TraceStartObservation(Started, _node.PeerId, TraceNames.FormatVersion));
            await FlushAsync().ConfigureAwait(false);
            while (await _watcher.WaitAsync().ConfigureAwait(false))
            {
                while (_watcher.TryRead(out NodeObservation? observation))
                {
                    SayLoss();
                    Record(observation);
                    if (_buffer.WrittenCount >= FlushSize)
                    {
                        await FlushAsync().ConfigureAwait(false);
                    }
                }

                await FlushAsync().ConfigureAwait(false);
            }

            SayLoss();
            await FlushAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _failure = NodeErrors.TraceFailed(_options.Path!, failure);
            _node.Unwatch(_watcher);
        }
        finally
        {
            _writer.Dispose();
            if (_file is not null)
            {
                await _file.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private void SayLoss()
    {
        // Counted by the queue before what follows it was read, so the line stands at most one queue's length early.
        long dropped = _watcher.Dropped;
        if (dropped > _lossWritten)
        {
            Record(new LossObservation(_clock.GetUtcNow(), dropped - _lossWritten));
            _lossWritten = dropped;
        }
    }

    private void Record(NodeObservation observation)
    {
        if (_file is not null)
        {
            _writer.Write(observation);
        }
        else
        {
            lock (_lock)
            {
                if (_records.Count >= _options.MaxRecords)
                {
                    Interlocked.Increment(ref _overflow);
                    return;
                }

                _records.Add(observation);
            }
        }

        Interlocked.Increment(ref _recorded);
        if (observation is MessageObservation)
        {
            Interlocked.Increment(ref _messages);
        }
    }

    private async ValueTask FlushAsync()
    {
        if (_file is null || _buffer.WrittenCount == 0)
        {
            return;
        }

        await _file.WriteAsync(_buffer.WrittenMemory).ConfigureAwait(false);
        Interlocked.Add(ref _bytes, _buffer.WrittenCount);
        _buffer.ResetWrittenCount();
    }
}
