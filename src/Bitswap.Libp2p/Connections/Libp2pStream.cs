using System.Buffers;
using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Represents a duplex run of bytes with a peer, on which a protocol is agreed. One reader and one writer at a time; they may be two tasks.
/// A cancelled read loses nothing.
/// </summary>
public sealed class Libp2pStream : IAsyncDisposable
{
    // what a disposed stream takes without anyone to read it: the first window of yamux, all that a well-behaved peer can have on its way
    private const int LingerBytes = 256 * 1024;

    private readonly IByteChannel _channel;
    private readonly YamuxStream _muxed;
    private readonly StreamLease _lease;
    private int _reading;
    private bool _readEnded;
    private bool _writeEnded;
    private int _disposed;

    internal Libp2pStream(Libp2pConnection connection, YamuxStream muxed, IByteChannel channel, string protocol, StreamLease lease)
    {
        Connection = connection;
        Protocol = protocol;
        _muxed = muxed;
        _channel = channel;
        _lease = lease;
    }

    /// <summary>Gets the protocol agreed on.</summary>
    public string Protocol { get; }

    /// <summary>Gets the peer at the other end.</summary>
    public PeerId RemotePeer => Connection.RemotePeer;

    /// <summary>Gets the connection that carries the stream.</summary>
    public Libp2pConnection Connection { get; }

    /// <summary>Reads what has come, or waits for it.</summary>
    /// <param name="destination">Where to. At least one byte is read unless it is empty or the other side ended.</param>
    /// <param name="ct">Ends the wait; what comes later is still there for the next read.</param>
    /// <returns>The number of bytes read; 0 at the end.</returns>
    /// <exception cref="Libp2pException">StreamReset or ConnectionClosed.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        Volatile.Write(ref _reading, 1);
        try
        {
            int count = await _channel.ReadAsync(destination, ct).ConfigureAwait(false);
            if (count == 0 && !destination.IsEmpty)
            {
                _readEnded = true;
            }
            return count;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>Writes all of <paramref name="data"/>; waits while the peer gives no room.</summary>
    /// <exception cref="Libp2pException">StreamReset or ConnectionClosed.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _channel.WriteAsync(data, ct);
    }

    /// <summary>Writes all of <paramref name="data"/> as if its pieces were one; waits while the peer gives no room.</summary>
    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _channel.WriteAsync(data, ct);
    }

    /// <summary>Tells the other side that nothing more will be written. Reading goes on.</summary>
    /// <exception cref="Libp2pException">StreamReset or ConnectionClosed.</exception>
    public async ValueTask CloseWriteAsync(CancellationToken ct = default)
    {
        await _muxed.CloseWriteAsync(ct).ConfigureAwait(false);
        _writeEnded = true;
    }

    /// <summary>Ends both directions at once; what is on its way is lost. The other side sees an error.</summary>
    public void Reset()
    {
        _muxed.Reset();
        _readEnded = _writeEnded = true;
    }

    /// <summary>
    /// Ends the stream in peace: says that nothing more is written, and discards what the other side still sends, in the background and
    /// up to <see cref="Libp2pOptions.StreamLingerTimeout"/>, before it is reset. It never throws.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        if (!_writeEnded)
        {
            using var timeout = new CancellationTokenSource(_lease.Options.StreamLingerTimeout, _lease.Options.Clock);
            try
            {
                await CloseWriteAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is Libp2pException or OperationCanceledException)
            {
                Reset();
            }
        }
        if (!_readEnded && Volatile.Read(ref _reading) != 0)
        {
            // someone still waits for bytes: a reset is what wakes them
            Reset();
        }
        if (_readEnded)
        {
            _lease.Release();
            return;
        }
        _lease.Tracker.Run("waiting for a disposed stream's end", LingerAsync);
    }

    /// <summary>Disposes the stream, in peace after <paramref name="exchange"/>, with a reset when that fails: nothing more is of use then.</summary>
    internal async ValueTask UseAsync(Func<Libp2pStream, Task> exchange)
    {
        try
        {
            await exchange(this).ConfigureAwait(false);
        }
        catch
        {
            Reset();
            throw;
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task LingerAsync()
    {
        using var timeout = new CancellationTokenSource(_lease.Options.StreamLingerTimeout, _lease.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, Connection.Closing);
        byte[] discarded = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            int total = 0;
            int count;
            while ((count = await _channel.ReadAsync(discarded, either.Token).ConfigureAwait(false)) > 0)
            {
                if ((total += count) > LingerBytes)
                {
                    _muxed.Reset();
                    return;
                }
            }
        }
        catch (Exception error) when (error is Libp2pException or OperationCanceledException)
        {
            _muxed.Reset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(discarded);
            _lease.Release();
        }
    }
}
