using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>Represents a channel as the stream that TLS and WebSockets of .NET are laid over. Disposing it disposes the channel.</summary>
internal class ChannelStream(BufferedChannel channel) : Stream
{
    /// <summary>Gets the channel beneath.</summary>
    protected BufferedChannel Channel { get; } = channel;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        AsIOAsync(Channel.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await Channel.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Libp2pException closed)
        {
            throw new IOException(closed.Message, closed);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // a channel holds nothing back
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The channel is read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The channel is written asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Channel.Abort();
        }
        base.Dispose(disposing);
    }

    // a library above expects the errors of a stream
    private static async ValueTask<int> AsIOAsync(ValueTask<int> read)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (Libp2pException closed)
        {
            throw new IOException(closed.Message, closed);
        }
    }
}
