using System.Buffers;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// Cuts a stream of bytes into frames. Bytes are read into <see cref="GetMemory"/>; then frames are taken until there is none:
/// <code>for (bool more = reader.TryAdvance(count, out frame); more; more = reader.TryReadNext(out frame))</code>
/// Small frames share one pooled buffer of 16 KiB. A larger frame gets a buffer of its own, which <see cref="GetMemory"/> then hands out
/// up to the frame's end, so its bytes are read into place. A declared length alone reserves nothing: that buffer is made when 8 KiB of the
/// frame are there, and is at most 32 times as long as what has arrived, or as long as the longest frame that came whole before: a stream that
/// has brought blocks of a size is believed to bring another. Not for use by several threads at once.
/// </summary>
public sealed class FrameReader : IDisposable
{
    private const int SharedSize = 16 * 1024;

    // A stream's first large frame begins at 16 times 8 to 16 KiB and grows by 16 again, so two copies of a sixteenth take it to 2 MiB and
    // more. Later ones are made as long as they say they are.
    private const int LargeBegins = SharedSize / 2;
    private const int Growth = 16;

    /// <summary>Frames of many small blocks are rarely this long (a reply is filled to 128 KiB), frames of one large block are.</summary>
    private const int KeptFrom = 200 * 1024;

    private readonly WireLimits _limits;
    private readonly FrameMemory? _memory;
    private byte[]? _shared;
    private int _start;
    private int _end;
    private byte[]? _large;
    private int _largeLength;
    private int _largeFilled;
    private bool _largeIsPooled;
    private int _longestWhole;
    private int _aheadHeader;
    private bool _disposed;

    /// <summary>Makes a reader that stands at the start of a stream.</summary>
    /// <param name="limits">Gives the longest frame.</param>
    /// <param name="memory">Lends the arrays of frames that are kept; without it each is new.</param>
    public FrameReader(WireLimits limits, FrameMemory? memory = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _memory = memory;
    }

    /// <summary>True when everything that came was whole frames, each already taken: a stream may end here.</summary>
    public bool IsAtBoundary => _start == _end && (_large is null || _largeFilled == _largeLength);

    /// <summary>
    /// Gets the length of a frame that begins and is too long for the shared buffer: <see cref="GetMemory"/> makes its memory next, so a caller that bounds that memory waits before. 0 when
    /// there is none.
    /// </summary>
    public int LargeFrameAhead { get; private set; }

    /// <summary>
    /// Gets whether the frame given out last is in memory that this reader does not use again: what is decoded from it may keep parts of it.
    /// </summary>
    public bool IsFrameKept { get; private set; }

    /// <summary>
    /// Returns where the next bytes of the stream belong; never empty. It ends the life of the frame that was given out last, so take all frames
    /// first.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are frames that were not taken yet.</exception>
    public Memory<byte> GetMemory()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReleaseFinished();
        if (LargeFrameAhead > 0)
        {
            BeginLarge(_shared.AsSpan(_start + _aheadHeader, _end - _start - _aheadHeader), LargeFrameAhead);
            _start = _end = LargeFrameAhead = 0;
        }

        if (_large is not null)
        {
            return FreeOfLarge();
        }

        _shared ??= ArrayPool<byte>.Shared.Rent(SharedSize);
        if (_start > 0)
        {
            _shared.AsSpan(_start, _end - _start).CopyTo(_shared);
            (_start, _end) = (0, _end - _start);
        }

        return _end < _shared.Length
            ? _shared.AsMemory(_end)
            : throw new InvalidOperationException("Frames that have arrived must be taken before more is read.");
    }

    /// <summary>Tells how many bytes were read into <see cref="GetMemory"/>, and takes the first frame if it is whole now.</summary>
    /// <param name="written">Bytes read, 0 to the length of that memory.</param>
    /// <param name="frame">The message without its length prefix, valid until the next call of this reader.</param>
    /// <exception cref="WireException">MessageTooLarge: a longer frame is declared. InvalidMessage: the length is no minimal
    /// varint.</exception>
    public bool TryAdvance(int written, out ReadOnlyMemory<byte> frame)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(written);
        if (_large is not null)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(written, FreeOfLarge().Length);
            _largeFilled += written;
            bool whole = _largeFilled == _largeLength;
            _longestWhole = whole ? Math.Max(_longestWhole, _largeLength) : _longestWhole;
            IsFrameKept = whole && !_largeIsPooled;
            frame = whole ? _large.AsMemory(0, _largeLength) : default;
            return whole;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(written, (_shared?.Length ?? 0) - _end);
        _end += written;
        return TryReadNext(out frame);
    }

    /// <summary>Takes the next frame that is whole already; false when more must be read.</summary>
    /// <inheritdoc cref="TryAdvance" path="/param[@name='frame']|/exception"/>
    public bool TryReadNext(out ReadOnlyMemory<byte> frame)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReleaseFinished();
        IsFrameKept = false;
        frame = default;
        if (_large is not null || LargeFrameAhead > 0 || _start == _end)
        {
            return false;
        }

        switch (Varint.TryRead(_shared.AsSpan(_start, _end - _start), out ulong length, out int header))
        {
            case OperationStatus.NeedMoreData:
                return false;
            case OperationStatus.InvalidData:
                throw new WireException(
                    WireException.InvalidMessage, "A frame's length is not a minimal varint of at most nine bytes.");
        }

        if (length > (ulong)_limits.MaxMessageSize)
        {
            throw new WireException(
                WireException.MessageTooLarge, $"A frame of {length} bytes is declared, over the limit of {_limits.MaxMessageSize}.");
        }

        int size = (int)length;
        int available = _end - _start - header;
        if (available >= size)
        {
            frame = _shared.AsMemory(_start + header, size);
            _start += header + size;
            return true;
        }

        if (header + size > _shared!.Length && available >= LargeBegins)
        {
            LargeFrameAhead = size;
            _aheadHeader = header;
        }

        return false;
    }

    /// <summary>Gives the buffers back to the pool. Frames that were given out are no longer valid.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (_large is not null && !_largeIsPooled && _largeFilled < _largeLength)
            {
                // it never became a frame, so no caller has it
                _memory?.Return(_large);
            }

            ReturnLarge();
            Return(ref _shared);
        }
    }

    private void BeginLarge(ReadOnlySpan<byte> arrived, int size)
    {
        _large = MakeLarge(Math.Min(size, Math.Max(arrived.Length * Growth, _longestWhole)), size);
        arrived.CopyTo(_large);
        _largeLength = size;
        _largeFilled = arrived.Length;
    }

    private byte[] MakeLarge(int capacity, int size)
    {
        _largeIsPooled = capacity < size || size < KeptFrom;
        return _largeIsPooled
            ? ArrayPool<byte>.Shared.Rent(capacity)
            : _memory?.Rent(size) ?? GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Returns the free part of the large frame's buffer, which is grown when it is full and the frame is not.</summary>
    private Memory<byte> FreeOfLarge()
    {
        int capacity = Math.Min(_large!.Length, _largeLength);
        if (_largeFilled == capacity && capacity < _largeLength)
        {
            byte[] full = _large;
            _large = MakeLarge((int)Math.Min(_largeLength, (long)capacity * Growth), _largeLength);
            full.AsSpan(0, _largeFilled).CopyTo(_large);
            ArrayPool<byte>.Shared.Return(full);
            capacity = Math.Min(_large.Length, _largeLength);
        }

        return _large.AsMemory(_largeFilled, capacity - _largeFilled);
    }

    /// <summary>Lets go of a large frame that was given out.</summary>
    private void ReleaseFinished()
    {
        if (_large is not null && _largeFilled == _largeLength)
        {
            ReturnLarge();
        }
    }

    private void ReturnLarge()
    {
        if (_largeIsPooled)
        {
            Return(ref _large);
        }

        _large = null;
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }
}
