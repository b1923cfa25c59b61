using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Represents a stream with a relay as the raw connection that it becomes, once the relay has joined it to the peer's. It owns the stream, and what the connection to the relay is
/// held by.
/// </summary>
internal sealed class RelayChannel : BufferedChannel
{
    private readonly Libp2pStream _stream;
    private readonly BackgroundTasks _tracker;
    private readonly TimeProvider _clock;
    private readonly IDisposable? _held;
    private readonly CancellationTokenSource _aborting = new();
    private readonly CancellationToken _aborted;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _openedAt;
    private int _isAborted;
    private int _writing;
    private long _received;
    private long _sent;

    /// <summary>Takes a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tracker">Where the stream ends in peace.</param>
    /// <param name="clock">The time.</param>
    /// <param name="held">Disposed when the stream has ended; null for nothing.</param>
    public RelayChannel(Libp2pStream stream, BackgroundTasks tracker, TimeProvider clock, IDisposable? held = null)
    {
        _stream = stream;
        _tracker = tracker;
        _clock = clock;
        _held = held;
        _aborted = _aborting.Token;
        _openedAt = clock.GetTimestamp();
    }

    /// <summary>Gets or sets what the relay said of the connection, for the error when it ends.</summary>
    public RelayCircuit? Circuit { get; set; }

    /// <summary>Gets the bytes that came.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Completes once the stream has ended, or ends without this side.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Volatile.Write(ref _writing, 1);
        try
        {
            ThrowIfAborted();
            await _stream.WriteAsync(data, ct).ConfigureAwait(false);
            Volatile.Write(ref _sent, _sent + data.Length);
        }
        catch (OperationCanceledException)
        {
            // how much of it was framed cannot be told
            _stream.Reset();
            Abort();
            throw;
        }
        catch (Exception error) when (error is Libp2pException or ObjectDisposedException)
        {
            throw Closed(error);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    /// <summary>Tells the other side that nothing more will be written.</summary>
    public ValueTask CloseWriteAsync(CancellationToken ct) => _stream.CloseWriteAsync(ct);

    /// <summary>Ends it at once; the other side sees an error.</summary>
    public void Reset()
    {
        _stream.Reset();
        Abort();
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0)
        {
            _tracker.Run("ending a stream with a relay", EndAsync);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct)
    {
        ThrowIfAborted();
        using CancellationTokenSource? either = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct, _aborted) : null;
        await _reading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            int count = await _stream.ReadAsync(destination, either?.Token ?? _aborted).ConfigureAwait(false);
            Volatile.Write(ref _received, _received + count);
            return count;
        }
        catch (OperationCanceledException) when (_aborted.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The relayed connection is closed.");
        }
        catch (Exception error) when (error is Libp2pException or ObjectDisposedException)
        {
            throw Closed(error);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task EndAsync()
    {
        if (Volatile.Read(ref _writing) != 0)
        {
            // what is stuck in the middle cannot be ended in peace
            _stream.Reset();
        }
        await _aborting.CancelAsync().ConfigureAwait(false);
        // a stream that is still read would be reset, and the goodbye on its way lost
        await _reading.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _reading.Release();
            _held?.Dispose();
            _ended.TrySetResult();
        }
    }

    private void ThrowIfAborted()
    {
        if (Volatile.Read(ref _isAborted) != 0)
        {
            throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The relayed connection is closed.");
        }
    }

    private Libp2pException Closed(Exception cause)
    {
        string limits = Circuit is { IsLimited: true } circuit ? $" The relay's limit is {circuit}." : "";
        return new Libp2pException(
            Libp2pErrorIds.ConnectionClosed,
            $"The relayed connection ended after {_clock.GetElapsedTime(_openedAt).TotalSeconds:0.0} s, with {Received} bytes received and {Volatile.Read(ref _sent)} sent: {cause.Message}{limits}",
            cause);
    }
}
