using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>
/// Represents a connection secured by a finished Noise handshake.
/// <para>Receiving: the raw channel's buffer fills by large reads; each message is decrypted where it lies and handed out from there.</para>
/// <para>Sending: <see cref="Write"/> copies plaintext into an open message of the outgoing buffer, seals the message (encrypts it where it
/// lies) when it is full, and opens the next behind it; <see cref="FlushAsync"/> seals the last and sends them all at once. The buffer is
/// rented by the first write and given back by the flush, so that a quiet connection holds none. A large write is not copied: it is encrypted
/// from where it lies into a message of its own, at the price of a message boundary.</para>
/// <para>A byte is thus copied once at most on its way out and never on its way in, and no message allocates.</para>
/// </summary>
internal sealed class NoiseChannel : SecureChannel
{
    // FlushThreshold and one largest yamux frame
    private const int MaxPlaintextBuffered = FlushThreshold + NoiseConstants.MaxPlaintext;

    // a write this long saves more by not being copied than a message more costs at both ends
    private const int DirectFrom = 16 * 1024;

    // each direct write ends an open message and makes one of its own; the others are full, and one is open
    private const int MaxMessages = (2 * (MaxPlaintextBuffered / DirectFrom)) + (MaxPlaintextBuffered / NoiseConstants.MaxPlaintext) + 2;
    private const int MaxOutgoing = MaxPlaintextBuffered + (MaxMessages * NoiseConstants.FrameOverhead);
    private const int MinOutgoing = 4 * 1024;

    private readonly BufferedChannel _raw;
    private readonly NoiseCipherState _sendCipher;
    private readonly NoiseCipherState _receiveCipher;
    private readonly int _maxEmptyMessages;

    // receiving: the plaintext lies at the front of what the raw channel has buffered, its tag behind it
    private int _plaintextLength;
    private int _emptyMessages;
    private Libp2pException? _receiveFault;

    // sending: sealed messages up to _sealed, there the open one
    private byte[]? _outgoing;
    private int _sealed;
    private int _openLength;
    private int _buffered;
    private int _lastOutgoingSize = MinOutgoing;
    private bool _flushing;

    private volatile bool _aborted;

    internal NoiseChannel(BufferedChannel raw, NoiseCipherState send, NoiseCipherState receive, PublicKey remoteKey, PeerId remotePeer,
        string? earlyMuxer, IReadOnlyList<string> remoteMuxers, NoiseOptions options)
    {
        _raw = raw;
        _sendCipher = send;
        _receiveCipher = receive;
        _maxEmptyMessages = options.MaxEmptyMessages;
        RemoteKey = remoteKey;
        RemotePeer = remotePeer;
        EarlyMuxer = earlyMuxer;
        RemoteMuxers = remoteMuxers;
    }

    /// <inheritdoc/>
    public override PublicKey RemoteKey { get; }

    /// <inheritdoc/>
    public override PeerId RemotePeer { get; }

    /// <inheritdoc/>
    public override string? EarlyMuxer { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> RemoteMuxers { get; }

    /// <inheritdoc/>
    public override int BufferedBytes => _buffered;

    /// <inheritdoc/>
    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct) =>
        _plaintextLength > 0 || TryDecryptNext(out _)
            ? new ValueTask<ReadOnlyMemory<byte>>(_raw.Buffered[.._plaintextLength])
            : ReceiveNextAsync(ct);

    /// <inheritdoc/>
    public override void Advance(int consumed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(consumed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(consumed, _plaintextLength);
        if (consumed == 0)
        {
            return;
        }
        _plaintextLength -= consumed;
        _raw.Consume(_plaintextLength == 0 ? consumed + NoiseConstants.TagLength : consumed);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> plaintext)
    {
        if (_flushing)
        {
            throw new InvalidOperationException("A write while a flush is under way.");
        }
        if (plaintext.Length > MaxPlaintextBuffered - _buffered)
        {
            throw new InvalidOperationException($"The outgoing buffer is full: a flush is due at {FlushThreshold} bytes.");
        }
        while (plaintext.Length >= DirectFrom)
        {
            int count = Math.Min(plaintext.Length, NoiseConstants.MaxPlaintext);
            SealDirect(plaintext[..count], plaintext.Length);
            plaintext = plaintext[count..];
        }
        while (!plaintext.IsEmpty)
        {
            int count = Math.Min(plaintext.Length, NoiseConstants.MaxPlaintext - _openLength);
            int at = _sealed + NoiseConstants.LengthPrefix + _openLength;
            byte[] buffer = EnsureOutgoing(at + count + NoiseConstants.TagLength, plaintext.Length);
            plaintext[..count].CopyTo(buffer.AsSpan(at));
            plaintext = plaintext[count..];
            _openLength += count;
            _buffered += count;
            if (_openLength == NoiseConstants.MaxPlaintext)
            {
                Seal(buffer);
            }
        }
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
            if (_openLength > 0)
            {
                Seal(buffer);
            }
            await _raw.WriteAsync(buffer.AsMemory(0, _sealed), ct).ConfigureAwait(false);
        }
        catch
        {
            // some of it may be on the wire, and the nonces are spent either way
            Abort();
            throw;
        }
        finally
        {
            _outgoing = null;
            _lastOutgoingSize = Math.Max(MinOutgoing, _sealed);
            (_sealed, _openLength, _buffered) = (0, 0, 0);
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
        await _raw.DisposeAsync().ConfigureAwait(false);
        // an outgoing buffer that was not flushed may be in the writer's hands: the garbage collector has it
        _sendCipher.Dispose();
        _receiveCipher.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReceiveNextAsync(CancellationToken ct)
    {
        while (!TryDecryptNext(out int needed))
        {
            if (await _raw.FillAsync(needed, ct).ConfigureAwait(false))
            {
                continue;
            }
            if (_raw.Buffered.IsEmpty)
            {
                return default;
            }
            throw Fail(Libp2pErrorIds.ConnectionClosed, "The connection ended inside an encrypted message.");
        }
        return _raw.Buffered[.._plaintextLength];
    }

    /// <summary>Decrypts the next message that has a plaintext; otherwise tells how many raw bytes it takes to go on.</summary>
    private bool TryDecryptNext(out int needed)
    {
        if (_receiveFault is not null)
        {
            throw new Libp2pException(_receiveFault.ErrorId, _receiveFault.Message, _receiveFault);
        }
        while (true)
        {
            needed = NoiseConstants.LengthPrefix;
            Span<byte> raw = _raw.Buffered.Span;
            if (raw.Length < needed)
            {
                return false;
            }
            int length = BinaryPrimitives.ReadUInt16BigEndian(raw);
            if (length < NoiseConstants.TagLength)
            {
                throw Fail(Libp2pErrorIds.ProtocolViolation, $"An encrypted message claims {length} bytes, less than its tag has.");
            }
            needed += length;
            if (raw.Length < needed)
            {
                return false;
            }
            Decrypt(raw.Slice(NoiseConstants.LengthPrefix, length));
            _raw.Consume(NoiseConstants.LengthPrefix);
            _plaintextLength = length - NoiseConstants.TagLength;
            if (_plaintextLength > 0)
            {
                _emptyMessages = 0;
                return true;
            }
            _raw.Consume(NoiseConstants.TagLength);
            if (++_emptyMessages > _maxEmptyMessages)
            {
                throw Fail(Libp2pErrorIds.LimitExceeded,
                    $"More than {_maxEmptyMessages} encrypted messages without content in a row ({nameof(NoiseOptions.MaxEmptyMessages)}).");
            }
        }
    }

    private void Decrypt(Span<byte> message)
    {
        int length = message.Length - NoiseConstants.TagLength;
        bool authentic;
        try
        {
            authentic = _receiveCipher.TryDecrypt(message[..length], message[length..]);
        }
        catch (Libp2pException e)
        {
            throw Fail(e.ErrorId, e.Message);
        }
        catch (ObjectDisposedException e)
        {
            throw Closed(e);
        }
        if (!authentic)
        {
            throw Fail(Libp2pErrorIds.ProtocolViolation, "An encrypted message is not authentic.");
        }
    }

    private static Libp2pException Closed(Exception? cause) =>
        new(Libp2pErrorIds.ConnectionClosed, "The connection is closed.", cause);

    private Libp2pException Fail(string errorId, string message)
    {
        _receiveFault = new Libp2pException(errorId, message);
        Abort();
        return _receiveFault;
    }

    private byte[] EnsureOutgoing(int needed, int plaintextLeft)
    {
        byte[]? buffer = _outgoing;
        if (buffer is not null && buffer.Length >= needed)
        {
            return buffer;
        }
        if (_aborted)
        {
            throw Closed(null);
        }
        // the size that served the last flush, or all that this write still brings, or twice what there is
        int size = Math.Max(_lastOutgoingSize, needed + plaintextLeft);
        size = Math.Max(needed, Math.Min(MaxOutgoing, Math.Max(size, 2 * (buffer?.Length ?? 0))));
        byte[] next = ArrayPool<byte>.Shared.Rent(size);
        if (buffer is not null)
        {
            buffer.AsSpan(0, _sealed + NoiseConstants.LengthPrefix + _openLength).CopyTo(next);
            ArrayPool<byte>.Shared.Return(buffer);
        }
        _outgoing = next;
        return next;
    }

    /// <summary>Seals the open message, if there is one, and behind it one of its own that is encrypted from where it lies.</summary>
    private void SealDirect(ReadOnlySpan<byte> plaintext, int plaintextLeft)
    {
        int openMessage = _openLength == 0 ? 0 : _openLength + NoiseConstants.FrameOverhead;
        byte[] buffer = EnsureOutgoing(_sealed + openMessage + plaintext.Length + NoiseConstants.FrameOverhead, plaintextLeft);
        if (_openLength > 0)
        {
            Seal(buffer);
        }
        Seal(buffer, plaintext);
        _buffered += plaintext.Length;
    }

    private void Seal(byte[] buffer)
    {
        Seal(buffer, buffer.AsSpan(_sealed + NoiseConstants.LengthPrefix, _openLength));
        _openLength = 0;
    }

    /// <summary>Encrypts a message into its place, where its plaintext may lie already.</summary>
    private void Seal(byte[] buffer, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> message = buffer.AsSpan(_sealed + NoiseConstants.LengthPrefix, plaintext.Length + NoiseConstants.TagLength);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(_sealed), (ushort)message.Length);
        try
        {
            _sendCipher.Encrypt(plaintext, message[..plaintext.Length], message[plaintext.Length..]);
        }
        catch (Libp2pException)
        {
            Abort();
            throw;
        }
        catch (ObjectDisposedException e)
        {
            throw Closed(e);
        }
        _sealed += NoiseConstants.LengthPrefix + message.Length;
    }
}
