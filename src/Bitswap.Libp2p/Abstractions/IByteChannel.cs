using System.Buffers;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>
/// Represents a duplex run of bytes: a TCP connection, a secured connection or a muxed stream. It is all that multistream-select needs.
/// One reader and one writer at a time; they may be two tasks.
/// </summary>
internal interface IByteChannel
{
    /// <summary>Reads what is there, at least one byte unless the other side ended or <paramref name="destination"/> is empty.</summary>
    /// <returns>The number of bytes read; 0 at the end.</returns>
    ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct);

    /// <summary>Writes all of <paramref name="data"/>, which may be reused once the task completes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct);

    /// <summary>Writes all of <paramref name="data"/>, which may be reused once the task completes; as one run of bytes where the channel can.</summary>
    async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken ct)
    {
        foreach (ReadOnlyMemory<byte> piece in data)
        {
            await WriteAsync(piece, ct).ConfigureAwait(false);
        }
    }
}
