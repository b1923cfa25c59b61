using System.Buffers;
using System.ComponentModel;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>
/// Represents a connection secured by a finished TLS handshake. What is written is collected and leaves with the flush, encrypted in records of 16 KiB that are one send; what
/// comes is decrypted a record or two at a time. Both buffers are rented when there is something to put in, and a connection on which nothing comes or goes holds none.
/// </summary>
internal sealed class TlsChannel : SecureChannel
{
    // FlushThreshold and one largest yamux frame
    private const int MaxOutgoing = FlushThreshold + (64 * 1024);
    private const int MinOutgoing = 4 * 1024;

    // SslStream decrypts what a receive of 16 KiB brings
    private const int Incoming = 32 * 1024;

    private readonly SslStream _tls;
    private readonly TlsCarrier _carrier;
    private readonly BufferedChannel _raw;

    private byte[]? _incoming;
    private int _start;
    private int _end;

    private byte[]? _outgoing;
    private int _buffered;
    private int _lastOutgoingSize = MinOutgoing;
    private bool _flushing;

    private volatile bool _aborted;

    internal TlsChannel(SslStream tls, TlsCarrier carrier, BufferedChannel raw, PublicKey remoteKey, string? earlyMuxer)
    {
        _tls = tls;
        _carrier = carrier;
        _raw = raw;
        RemoteKey = remoteKey;
        RemotePeer = remoteKey.PeerId;
        EarlyMuxer = earlyMuxer;
    }

    /// <inheritdoc/>
    public override PublicKey RemoteKey { get; }

    /// <inheritdoc/>
    public override PeerId RemotePeer { get; }

    /// <inheritdoc/>
    public override string? EarlyMuxer { get; }

    /// <inheritdoc/>
    public override int BufferedBytes => _buffered;

    /// <summary>Gets the size of the buffer that decrypted bytes are in, in bytes.</summary>
    internal int HeldBytes => _incoming?.Length ?? 0;

    /// <inheritdoc/>
    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct) =>
        _start < _end ? new ValueTask<ReadOnlyMemory<byte>>(_incoming.AsMemory(_start, _end - _start)) : ReceiveAsync(ct);

    /// <inheritdoc/>
    public override void Advance(int consumed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(consumed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(consumed, _end - _start);
        _start += consumed;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> plaintext)
    {
        if (_flushing)
        {
            throw new InvalidOperationException("A write while a flush is under way.");
        }
        if (plaintext.Length > MaxOutgoing - _buffered)
        {
            throw new InvalidOperationException($"The outgoing buffer is full: a flush is due at {FlushThreshold} bytes.");
        }
        if (plaintext.IsEmpty)
        {
            return;
        }
        plaintext.CopyTo(EnsureOutgoing(_buffered + plaintext.Length).AsSpan(_buffered));
        _buffered += plaintext.Length;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask FlushAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_flushing)
        {
            throw new InvalidOperationException("Two flushes of one connection at the same time.");
        }
        if (_outgoing is not { } buffer)
        {
            return;
        }
        _flushing = true;
        try
        {
            _carrier.BeginBatch();
            await _tls.WriteAsync(buffer.AsMemory(0, _buffered), ct).ConfigureAwait(false);
            await _carrier.SendBatchAsync(ct).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // some of it may be on the wire
            Abort();
            if (IsTls(error))
            {
                throw Translate(error);
            }
            throw;
        }
        finally
        {
            _outgoing = null;
            _lastOutgoingSize = Math.Max(MinOutgoing, _buffered);
            _buffered = 0;
            ArrayPool<byte>.Shared.Return(buffer);
            _flushing = false;
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        _aborted = true;
        _raw.Abort();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Abort();
        // buffers that are not given back may be in the hands of a reader or a writer: the garbage collector has them
        await _tls.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Returns whether an error is one that SslStream has for what the other side or the connection does.</summary>
    internal static bool IsTls(Exception error) =>
        error is IOException or AuthenticationException or CryptographicException or Win32Exception or ObjectDisposedException or InvalidOperationException;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken ct)
    {
        try
        {
            // waits for a record without room for it
            ValueTask<int> wait = _tls.ReadAsync(Memory<byte>.Empty, ct);
            if (!wait.IsCompleted)
            {
                ReturnIncoming();
            }
            await wait.ConfigureAwait(false);
            byte[] buffer = _incoming ??= ArrayPool<byte>.Shared.Rent(Incoming);
            int count = await _tls.ReadAsync(buffer, ct).ConfigureAwait(false);
            (_start, _end) = (0, count);
            return buffer.AsMemory(0, count);
        }
        catch (Exception error) when (IsTls(error))
        {
            Abort();
            throw Translate(error);
        }
    }

    private byte[] EnsureOutgoing(int needed)
    {
        byte[]? buffer = _outgoing;
        if (buffer is not null && buffer.Length >= needed)
        {
            return buffer;
        }
        if (_aborted)
        {
            throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The connection is closed.");
        }
        int size = Math.Max(needed, Math.Min(MaxOutgoing, Math.Max(_lastOutgoingSize, 2 * _buffered)));
        byte[] next = ArrayPool<byte>.Shared.Rent(size);
        if (buffer is not null)
        {
            buffer.AsSpan(0, _buffered).CopyTo(next);
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return _outgoing = next;
    }

    private void ReturnIncoming()
    {
        if (_incoming is { } buffer)
        {
            _incoming = null;
            (_start, _end) = (0, 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Libp2pException Translate(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is Libp2pException known)
            {
                return new Libp2pException(known.ErrorId, known.Message, error);
            }
        }
        if (error is ObjectDisposedException)
        {
            return new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The connection is closed.", error);
        }
        return _carrier.HasEnded
            ? new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The connection ended inside an encrypted message.", error)
            : new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"The TLS connection failed: {error.GetBaseException().Message}", error);
    }
}
