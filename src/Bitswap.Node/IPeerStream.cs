using System.Buffers;

namespace Bitswap.Node;

/// <summary>One bidirectional stream to a peer. One reader and one writer at a time.</summary>
public interface IPeerStream : IAsyncDisposable
{
    /// <summary>The peer at the other end, as it proved itself.</summary>
    PeerId Peer { get; }

    /// <summary>The protocol id negotiated for the stream.</summary>
    string Protocol { get; }

    /// <summary>Reads what is there, or waits for it; 0 means that the peer has closed its side.</summary>
    ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Writes it all, waiting while the peer's window is full. The pieces are sent as if they were one, and may be used for something else once
    /// the task has ended, however it did.
    /// </summary>
    ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken);

    /// <inheritdoc cref="WriteAsync(ReadOnlySequence{byte}, CancellationToken)"/>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => WriteAsync(new ReadOnlySequence<byte>(data), cancellationToken);

    /// <summary>Tells the peer that nothing more will be written.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken);

    /// <summary>Ends the stream at once, both ways.</summary>
    void Reset();
}
