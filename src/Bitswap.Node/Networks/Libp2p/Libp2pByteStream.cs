using System.Buffers;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Node.Networks.Libp2p;

/// <summary>A stream of the libp2p host.</summary>
internal sealed class Libp2pByteStream(Libp2pStream stream) : IByteStream
{
    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken) => stream.ReadAsync(destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) => stream.WriteAsync(data, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => stream.CloseWriteAsync(cancellationToken);

    /// <inheritdoc/>
    public void Reset() => stream.Reset();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
