using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Bitswap.Multiformats;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Blocks in memory, gone with the process. Data is kept as it is given, not copied, unless it would keep a much larger array alive.
/// </summary>
public sealed class MemoryBlockstore : IBlockstore, IPrefixListing
{
    private readonly ConcurrentDictionary<Multihash, ReadOnlyMemory<byte>> _blocks = new();
    private readonly long _maxBytes;
    private long _bytes;
    private volatile bool _disposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="maxBytes">Bytes of data it may hold, at least 1; null for no bound. A block over it is refused, none is
    /// evicted.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is less than 1.</exception>
    public MemoryBlockstore(long? maxBytes = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes ?? 1, 1, nameof(maxBytes));
        _maxBytes = maxBytes ?? long.MaxValue;
    }

    /// <summary>Blocks held.</summary>
    public int Count => _blocks.Count;

    /// <summary>Bytes of data held.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        return new(_blocks.TryGetValue(cid.Hash, out ReadOnlyMemory<byte> data) ? data : default(ReadOnlyMemory<byte>?));
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        return new(_blocks.TryGetValue(cid.Hash, out ReadOnlyMemory<byte> data) ? data.Length : default(long?));
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        if (_blocks.ContainsKey(cid.Hash))
        {
            return ValueTask.CompletedTask;
        }

        // Reserve first, so that racing puts cannot pass the bound together.
        if (!TryReserve(data.Length))
        {
            throw new BitswapException(
                "StoreFull",
                $"The memory store holds {Bytes} of at most {_maxBytes} bytes; a block of {data.Length} bytes does not fit.",
                "Remove blocks, raise the store's bound, or use a store on disk.",
                cid);
        }

        if (!_blocks.TryAdd(cid.Hash, Owned(data)))
        {
            Interlocked.Add(ref _bytes, -data.Length);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        bool removed = _blocks.TryRemove(cid.Hash, out ReadOnlyMemory<byte> data);
        if (removed)
        {
            Interlocked.Add(ref _bytes, -data.Length);
        }

        return new(removed);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => Enumerate(default, cancellationToken).ToAsyncEnumerable();

    IAsyncEnumerable<StoredBlock> IPrefixListing.ListAsync(HashPrefix start, CancellationToken cancellationToken) =>
        Enumerate(start, cancellationToken).ToAsyncEnumerable();

    /// <summary>Forgets every block.</summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _blocks.Clear();
        Interlocked.Exchange(ref _bytes, 0);
        return ValueTask.CompletedTask;
    }

    private bool TryReserve(int length)
    {
        long seen = Bytes;
        while (seen + length <= _maxBytes)
        {
            long before = Interlocked.CompareExchange(ref _bytes, seen + length, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    private IEnumerable<StoredBlock> Enumerate(HashPrefix start, CancellationToken cancellationToken)
    {
        CheckOpen(cancellationToken);
        foreach ((Multihash hash, ReadOnlyMemory<byte> data) in _blocks)
        {
            CheckOpen(cancellationToken);
            if (start.Matches(hash))
            {
                yield return new StoredBlock(Cid.CreateV1(Multicodec.Raw, hash), data.Length);
            }
        }
    }

    /// <summary>
    /// The data as it is when it fills its array to four fifths or better, else a copy: a slice would keep the whole alive.
    /// </summary>
    private static ReadOnlyMemory<byte> Owned(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment) && segment.Array!.Length - segment.Count <= segment.Count / 4
            ? data
            : data.ToArray();

    private void Check(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        CheckOpen(cancellationToken);
    }

    private void CheckOpen(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_disposed)
        {
            throw StoreErrors.Closed();
        }
    }
}
