using System.Buffers;

namespace Bitswap.Node.Networks.Memory;

/// <summary>One end of a stream in memory.</summary>
internal sealed class MemoryByteStream(MemoryPipe incoming, MemoryPipe outgoing) : IByteStream
{
    /// <summary>Gets whether nothing can come or go any more.</summary>
    public bool IsOver => incoming.IsOver && outgoing.IsOver;

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken) => incoming.ReadAsync(destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) => outgoing.WriteAsync(data, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        outgoing.Complete();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        incoming.Break();
        outgoing.Break();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        outgoing.Complete();
        return ValueTask.CompletedTask;
    }
}
