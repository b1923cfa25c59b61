using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Car;

/// <summary>
/// Reads a CAR forward: version 1, and the version 1 that a version 2 holds (ipld.io/specs/transport/car). The stream need not be seekable.
/// Each block is verified against its CID before it is given, unless the caller does that. What is damaged or cut short ends the reading with the offset of the first
/// section that is not whole; every block before it has been given. What may be no block (<see cref="BlockRule"/>) is an error by itself, and the section
/// after it can be read. One caller at a time.
/// </summary>
public sealed class CarReader : IAsyncDisposable
{
    // The pragma, then 16 bytes of characteristics and three numbers of 8 bytes.
    private const int V2PragmaLength = 11;
    private const int V2HeaderLength = 40;
    private const int V2NumbersAt = 16;

    // as much as is read of a section that is passed over: more than a CID that may name a block has
    private const int MaxCidLength = 256;

    private readonly Stream _stream;
    private readonly CarOptions _options;
    private readonly bool _leaveOpen;
    private readonly CarInput _input;
    private CarException? _failure;

    private CarReader(Stream stream, CarOptions options, bool leaveOpen)
    {
        _stream = stream;
        _options = options;
        _leaveOpen = leaveOpen;
        _input = new CarInput(stream);
    }

    /// <summary>1 or 2.</summary>
    public int Version { get; private set; } = 1;

    /// <summary>Gets the roots, as the header names them; nothing says that they are in the CAR.</summary>
    public IReadOnlyList<Cid> Roots { get; private set; } = [];

    /// <summary>Gets how many bytes of the stream have been read: where the next section begins.</summary>
    public long Position => _input.Position;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The CAR, from its first byte.</param>
    /// <param name="options">What is accepted; null for the defaults.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the reader is disposed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CarException"><c>InvalidCar</c>: it does not begin as a CAR. <c>DagLimitExceeded</c>: its header is over the limit.</exception>
    public static async ValueTask<CarReader> OpenAsync(
        Stream stream, CarOptions? options = null, bool leaveOpen = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = new CarReader(stream, options ?? new CarOptions(), leaveOpen);
        try
        {
            await reader.ReadHeadersAsync(cancellationToken).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns the next block, or null at the end.</summary>
    /// <exception cref="CarException">
    /// <c>InvalidCar</c>: the next section is damaged or cut short; so it is for every further call. <c>BlockTooLarge</c>, <c>InvalidMultihash</c>: it holds what
    /// may be no block; a further call reads the section after it.
    /// </exception>
    public async ValueTask<CarBlock?> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        try
        {
            long offset = _input.Position;
            return await _input.ReadVarintAsync(cancellationToken).ConfigureAwait(false) is ulong length
                ? await ReadSectionAsync(offset, length, cancellationToken).ConfigureAwait(false)
                : End(offset);
        }
        catch (CarException exception) when (!exception.IsPassedOver)
        {
            _failure = exception;
            throw;
        }
    }

    /// <summary>Returns all further blocks.</summary>
    /// <param name="passOver">Told of each section that may be no block, after which the reading goes on; null ends it there.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CarException">As <see cref="ReadAsync"/>, after the last block that is sound.</exception>
    public async IAsyncEnumerable<CarBlock> ReadAllAsync(
        Action<CarException>? passOver = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            CarBlock? block = null;
            try
            {
                block = await ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (CarException refused) when (refused.IsPassedOver && passOver is not null)
            {
                passOver(refused);
                continue;
            }

            if (block is null)
            {
                yield break;
            }

            yield return block.Value;
        }
    }

    /// <summary>Ends the reading, and closes the stream unless it is to stay open.</summary>
    public ValueTask DisposeAsync()
    {
        _input.Dispose();
        return _leaveOpen ? ValueTask.CompletedTask : _stream.DisposeAsync();
    }

    private async ValueTask ReadHeadersAsync(CancellationToken cancellationToken)
    {
        (ulong version, Roots) = await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        if (version == 1)
        {
            return;
        }

        Version = 2;
        long offset = _input.Position;
        var header = new byte[V2HeaderLength];
        if (await _input.ReadAsync(header, cancellationToken).ConfigureAwait(false) < header.Length)
        {
            throw new CarException("The CAR is cut short: it ends within the header of version 2", offset);
        }

        ulong dataOffset = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(V2NumbersAt));
        ulong dataSize = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(V2NumbersAt + sizeof(ulong)));
        if (dataOffset < V2PragmaLength + V2HeaderLength || dataOffset > long.MaxValue || dataSize > long.MaxValue - dataOffset)
        {
            throw new CarException($"The header of version 2 puts {dataSize} bytes of data at byte {dataOffset}", offset);
        }

        if (!await _input.SkipToAsync((long)dataOffset, cancellationToken).ConfigureAwait(false))
        {
            throw new CarException($"The CAR is cut short: its data should begin at byte {dataOffset}", _input.Position);
        }

        _input.End = (long)(dataOffset + dataSize);
        (version, Roots) = await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        if (version != 1)
        {
            throw new CarException("The data of a CAR of version 2 is not of version 1", (long)dataOffset);
        }
    }

    private async ValueTask<(ulong Version, IReadOnlyList<Cid> Roots)> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        long offset = _input.Position;
        ulong length = await _input.ReadVarintAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new CarException("Not a CAR: it is empty", offset);
        if (length == 0)
        {
            throw new CarException("Not a CAR: its header has 0 bytes", offset);
        }

        if (length > (ulong)_options.MaxHeaderSize)
        {
            throw new CarException(
                DagErrorIds.DagLimitExceeded, $"The header of the CAR has {length} bytes, over the limit of {_options.MaxHeaderSize}, or it is no CAR", offset);
        }

        byte[] header = await _input.ReadGrowingAsync((int)length, cancellationToken).ConfigureAwait(false)
            ?? throw new CarException("The CAR is cut short: it ends within its header", offset);
        try
        {
            return CarHeader.Read(header);
        }
        catch (DagException exception)
        {
            throw new CarException($"Not a CAR: its header cannot be read. {exception.Message}", offset, exception);
        }
    }

    private async ValueTask<CarBlock?> ReadSectionAsync(long offset, ulong length, CancellationToken cancellationToken)
    {
        if (length == 0)
        {
            throw new CarException("A section has 0 bytes", offset);
        }

        bool isHeld = length <= (ulong)_options.MaxSectionSize;
        int count = (int)Math.Min(length, isHeld ? length : MaxCidLength);
        ReadOnlyMemory<byte> section = isHeld && _options.Rent is { } rent
            ? await _input.ReadIntoAsync(rent(count).AsMemory(0, count), cancellationToken).ConfigureAwait(false)
            : await _input.ReadGrowingAsync(count, cancellationToken).ConfigureAwait(false);
        if (section.Length < count || (!isHeld && !await SkipAsync(length - (ulong)section.Length, cancellationToken).ConfigureAwait(false)))
        {
            throw new CarException($"The CAR is cut short: a section of {length} bytes ends after {_input.Position - offset - Varint.Length(length)}", offset);
        }

        Cid cid;
        int cidLength;
        try
        {
            cid = Cid.Read(section.Span, out cidLength);
        }
        catch (MultiformatException exception)
        {
            throw new CarException($"A section does not begin with a CID. {exception.Message}", offset, exception);
        }

        long size = (long)length - cidLength;
        if (BlockRule.Check(cid, size) is { } refusal)
        {
            throw new CarException(refusal.ErrorId, refusal.Message.TrimEnd('.'), offset) { Cid = cid, IsPassedOver = true };
        }

        if (!isHeld)
        {
            throw new CarException(DagErrorIds.BlockTooLarge, $"A section has {length} bytes, over the limit of {_options.MaxSectionSize}", offset) { Cid = cid, IsPassedOver = true };
        }

        ReadOnlyMemory<byte> data = section[cidLength..];
        return !_options.Verify || cid.Hash.Matches(data.Span)
            ? new CarBlock(cid, data, offset)
            : throw new CarException($"The block {cid} does not hash to its CID", offset) { Cid = cid };
    }

    private async ValueTask<bool> SkipAsync(ulong count, CancellationToken cancellationToken) =>
        count <= (ulong)(long.MaxValue - _input.Position) && await _input.SkipToAsync(_input.Position + (long)count, cancellationToken).ConfigureAwait(false);

    // A version 2 says how much data it has; a stream that ends before has lost something, be it whole sections.
    private CarBlock? End(long offset) =>
        _input.End == long.MaxValue || offset == _input.End
            ? null
            : throw new CarException($"The CAR is cut short: its data should end at byte {_input.End}", offset);
}

/// <summary>Represents a block of a CAR, verified against its CID unless <see cref="CarOptions.Verify"/> leaves that to the caller.</summary>
/// <param name="Cid">Its CID, as the CAR has it.</param>
/// <param name="Data">The block, in memory of its own.</param>
/// <param name="Offset">Where in the file its section begins, in bytes.</param>
public readonly record struct CarBlock(Cid Cid, ReadOnlyMemory<byte> Data, long Offset);
