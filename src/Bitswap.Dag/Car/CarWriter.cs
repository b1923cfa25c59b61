using System.Buffers;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Car;

/// <summary>
/// Writes a CAR of version 1 (ipld.io/specs/transport/car/carv1). The same roots and blocks in the same order make the same bytes; a block
/// that is there already is left out. One caller at a time.
/// </summary>
public sealed class CarWriter : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly HashSet<Cid> _written = [];
    private byte[] _prefix = new byte[128];

    private CarWriter(Stream stream, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
    }

    /// <summary>Gets how many blocks are written.</summary>
    public long Blocks => _written.Count;

    /// <summary>Gets how many bytes are written.</summary>
    public long Length { get; private set; }

    /// <summary>Writes the header.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="roots">The roots, in the order in which they are to stand; one at least, as the specification asks.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the writer is disposed.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="ArgumentException">There is no root.</exception>
    /// <exception cref="CarException"><c>DagLimitExceeded</c>: the header would be larger than <see cref="CarOptions.HeaderCeiling"/>.</exception>
    public static async ValueTask<CarWriter> CreateAsync(
        Stream stream, IReadOnlyList<Cid> roots, bool leaveOpen = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(roots);
        if (roots.Count == 0)
        {
            throw new ArgumentException("A CAR has one root at least.", nameof(roots));
        }

        long size = CarHeader.Measure(roots);
        if (size > CarOptions.HeaderCeiling)
        {
            throw new CarException(
                DagErrorIds.DagLimitExceeded, $"The header of a CAR with {roots.Count} roots has {size} bytes, over the limit of {CarOptions.HeaderCeiling}", 0);
        }

        byte[] header = CarHeader.Write(roots);
        await stream.WriteAsync(header, cancellationToken).ConfigureAwait(false);
        return new CarWriter(stream, leaveOpen) { Length = header.Length };
    }

    /// <summary>Writes a block; false when it is there already.</summary>
    /// <param name="cid">Its CID. CIDs that differ in version or codec are different blocks here, as they are to those who read CARs.</param>
    /// <param name="data">The block, which the caller has verified.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async ValueTask<bool> WriteAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cid);
        if (!_written.Add(cid))
        {
            return false;
        }

        int prefix = WritePrefix(cid, data.Length);
        await _stream.WriteAsync(_prefix.AsMemory(0, prefix), cancellationToken).ConfigureAwait(false);
        await _stream.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        Length += prefix + data.Length;
        return true;
    }

    /// <summary>Flushes the stream, and closes it unless it is to stay open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.FlushAsync().ConfigureAwait(false);
        if (!_leaveOpen)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private int WritePrefix(Cid cid, int dataLength)
    {
        ulong length = (ulong)cid.ByteLength + (ulong)dataLength;
        int needed = Varint.Length(length) + cid.ByteLength;
        if (_prefix.Length < needed)
        {
            _prefix = new byte[needed];
        }

        int written = Varint.Write(_prefix, length);
        cid.Bytes.CopyTo(_prefix.AsSpan(written));
        return needed;
    }
}
