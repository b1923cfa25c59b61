using System.Buffers.Binary;
using System.IO.Compression;

namespace Bitswap.Node.Routing.Http;

/// <summary>Reads a stream in gzip (RFC 1952), and tells one that was cut from one that has ended, which <see cref="GZipStream"/> does not by default.</summary>
internal sealed class GzipReader : IAsyncDisposable
{
    // A head of ten bytes, two of data and an end of eight.
    private const int MinLength = 20;

    private readonly TailStream _compressed;
    private readonly GZipStream _stream;
    private long _read;

    /// <param name="compressed">The stream; it is disposed with the reader.</param>
    public GzipReader(Stream compressed)
    {
        _compressed = new TailStream(compressed);
        _stream = new GZipStream(_compressed, CompressionMode.Decompress);
    }

    /// <summary>Reads some of it; 0 at its end.</summary>
    /// <exception cref="InvalidDataException">It is no gzip, or was cut.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        int read = await _stream.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
        _read += read;

        // The last member's length stands at its end; of a stream that is cut, what stands there is anything, and hardly as small as what was read.
        return read > 0 || destination.IsEmpty || (_compressed.Count >= MinLength && _compressed.Tail <= _read) ? read : throw new InvalidDataException("The compressed data is cut.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>Passes on what is read, and keeps the last four bytes of it.</summary>
    private sealed class TailStream(Stream inner) : Stream
    {
        private readonly byte[] _tail = new byte[sizeof(uint)];

        /// <summary>Gets the bytes that were read.</summary>
        public long Count { get; private set; }

        /// <summary>Gets the last four of them as a number.</summary>
        public uint Tail => BinaryPrimitives.ReadUInt32LittleEndian(_tail);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            Keep(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = inner.Read(buffer, offset, count);
            Keep(buffer.AsSpan(offset, read));
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }

        private void Keep(ReadOnlySpan<byte> read)
        {
            ReadOnlySpan<byte> last = read[Math.Max(0, read.Length - _tail.Length)..];
            _tail.AsSpan(last.Length).CopyTo(_tail);
            last.CopyTo(_tail.AsSpan(_tail.Length - last.Length));
            Count += read.Length;
        }
    }
}
