using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Libp2p.Tests.Support;

/// <summary>A <see cref="SecureChannel"/> without a socket or encryption. What is flushed can be read at the other end.</summary>
internal sealed class MemorySecureChannel : SecureChannel
{
    /// <summary>The most that one read hands out, as one Noise message would.</summary>
    public const int LargestRead = 65_519;

    private static readonly PrivateKey _remote = PrivateKey.FromSeed(new byte[32]);

    private readonly MemoryByteQueue _incoming;
    private readonly MemoryByteQueue _outgoing;
    private readonly byte[] _input = new byte[LargestRead];
    private readonly byte[] _output = new byte[FlushThreshold + 64 * 1024];
    private readonly int _largestRead;
    private int _inputStart;
    private int _inputEnd;
    private int _writers;

    private MemorySecureChannel(MemoryByteQueue incoming, MemoryByteQueue outgoing, int largestRead)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        _largestRead = largestRead;
    }

    public override PeerId RemotePeer => _remote.PeerId;

    public override PublicKey RemoteKey => _remote.PublicKey;

    public override string? EarlyMuxer => null;

    public override int BufferedBytes => _buffered;

    /// <summary>How often something was flushed.</summary>
    public int Flushes { get; private set; }

    /// <summary>The most bytes one flush sent.</summary>
    public int LargestFlush { get; private set; }

    /// <summary>The bytes the other end has not read yet.</summary>
    public int UnreadByPeer => _outgoing.Count;

    public bool IsDisposed { get; private set; }

    private int _buffered;

    /// <summary>Makes a connection. What one end flushes blocks when the other leaves <paramref name="capacity"/> bytes unread.</summary>
    public static (MemorySecureChannel Initiator, MemorySecureChannel Responder) CreatePair(int capacity = 512 * 1024, int largestRead = LargestRead)
    {
        var there = new MemoryByteQueue(capacity);
        var back = new MemoryByteQueue(capacity);
        return (new MemorySecureChannel(back, there, largestRead), new MemorySecureChannel(there, back, largestRead));
    }

    public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct)
    {
        if (_inputStart == _inputEnd)
        {
            _inputStart = 0;
            _inputEnd = 0;
            _inputEnd = await _incoming.ReadAsync(_input.AsMemory(0, _largestRead), ct);
        }
        return _input.AsMemory(_inputStart, _inputEnd - _inputStart);
    }

    public override void Advance(int consumed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)consumed, (uint)(_inputEnd - _inputStart));
        _inputStart += consumed;
    }

    public override void Write(ReadOnlySpan<byte> plaintext)
    {
        Enter();
        if (plaintext.Length > _output.Length - _buffered)
        {
            throw new InvalidOperationException("The buffer is full.");
        }
        plaintext.CopyTo(_output.AsSpan(_buffered));
        _buffered += plaintext.Length;
        Leave();
    }

    public override async ValueTask FlushAsync(CancellationToken ct)
    {
        Enter();
        int count = _buffered;
        await _outgoing.WriteAsync(_output.AsMemory(0, count), ct);
        Flushes++;
        LargestFlush = Math.Max(LargestFlush, count);
        _buffered = 0;
        Leave();
    }

    /// <summary>Ends the outgoing direction as a peer does that closes its socket in order.</summary>
    public void EndOutgoing() => _outgoing.End();

    public override void Abort()
    {
        _outgoing.End();
        _incoming.Break();
    }

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        Abort();
        return default;
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref _writers, 1) != 0)
        {
            throw new InvalidOperationException("Two writers at once.");
        }
    }

    private void Leave() => Volatile.Write(ref _writers, 0);
}
