using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Bitswap.Multiformats;
using Bitswap.Node.Core;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Blocks in memory, gone with the process. Data is kept as it is given, not copied, unless it would keep a much larger array alive.
/// </summary>
/// <remarks>
/// <para>A store with a bound lets go of blocks that a node fetched and gave to who wanted them, unless they are pinned: those that were used longest ago first, and
/// before all others those that were written to a file, of which it holds few. Blocks that were put by <see cref="PutAsync"/> stay until they are removed; one that
/// has no room beside them is refused.</para>
/// </remarks>
public sealed class MemoryBlockstore : IBlockstore, IEvictingBlockstore
{
    /// <summary>Where it is not said how much is held of what passes: a quarter of all.</summary>
    private const int PassingPart = 4;

    private readonly ConcurrentDictionary<Multihash, MemoryBlock> _blocks = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<MemoryBlock> _fetched = new();
    private readonly LinkedList<MemoryBlock> _passing = new();
    private readonly long _maxBytes;
    private readonly long _maxPassingBytes;
    private long _bytes;
    private long _fetchedBytes;
    private long _passingBytes;
    private volatile bool _disposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="maxBytes">Bytes of data it may hold, at least 1; null for no bound.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is less than 1.</exception>
    public MemoryBlockstore(long? maxBytes = null)
        : this(maxBytes, maxBytes / PassingPart ?? long.MaxValue)
    {
    }

    /// <summary>Makes an empty store.</summary>
    /// <param name="maxBytes">Bytes of data it may hold, at least 1; null for no bound.</param>
    /// <param name="maxPassingBytes">Of these, the bytes of blocks that were fetched to be written to a file.</param>
    internal MemoryBlockstore(long? maxBytes, long maxPassingBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes ?? 1, 1, nameof(maxBytes));
        _maxBytes = maxBytes ?? long.MaxValue;
        _maxPassingBytes = maxPassingBytes;
    }

    /// <summary>Blocks held.</summary>
    public int Count => _blocks.Count;

    /// <summary>Bytes of data held.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        if (!_blocks.TryGetValue(cid.Hash, out MemoryBlock? block))
        {
            return default;
        }

        if (block.Place is not null)
        {
            Touch(block);
        }

        return new(block.Data);
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        return new(_blocks.TryGetValue(cid.Hash, out MemoryBlock? block) ? block.Data.Length : default(long?));
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Keep(cid, data, isPinned: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken)
    {
        Check(cid, cancellationToken);
        lock (_lock)
        {
            return new(_blocks.TryGetValue(cid.Hash, out MemoryBlock? block) && Drop(block));
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => Enumerate(default, cancellationToken).ToAsyncEnumerable();

    IAsyncEnumerable<StoredBlock> IBlockstore.ListAsync(HashPrefix start, CancellationToken cancellationToken) =>
        Enumerate(start, cancellationToken).ToAsyncEnumerable();

    /// <summary>Forgets every block.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
            _blocks.Clear();
            _fetched.Clear();
            _passing.Clear();
            _bytes = _fetchedBytes = _passingBytes = 0;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    void IEvictingBlockstore.Put(Cid cid, ReadOnlyMemory<byte> data) => Keep(cid, data, isPinned: false);

    /// <inheritdoc/>
    void IEvictingBlockstore.PutFetched(Cid cid, ReadOnlyMemory<byte> data)
    {
        Check(cid, CancellationToken.None);
        lock (_lock)
        {
            if (!_blocks.ContainsKey(cid.Hash) && TryMakeRoom(data.Length))
            {
                Place(Add(cid, data));
            }
        }
    }

    /// <inheritdoc/>
    void IEvictingBlockstore.Pass(Cid cid)
    {
        lock (_lock)
        {
            if (_blocks.TryGetValue(cid.Hash, out MemoryBlock? block) && block.Place is not null && !block.IsPassing)
            {
                Unplace(block);
                block.IsPassing = true;
                Place(block);
                while (_passingBytes > _maxPassingBytes)
                {
                    Drop(_passing.First!.Value);
                }
            }
        }
    }

    /// <inheritdoc/>
    bool IEvictingBlockstore.TryPin(Cid cid)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue(cid.Hash, out MemoryBlock? block))
            {
                return false;
            }

            Unplace(block);
            block.IsPinned = true;
            return true;
        }
    }

    /// <inheritdoc/>
    void IEvictingBlockstore.PutPinned(Cid cid, ReadOnlyMemory<byte> data) => Keep(cid, data, isPinned: true);

    /// <inheritdoc/>
    void IEvictingBlockstore.KeepPinned(IReadOnlySet<Multihash> pinned)
    {
        lock (_lock)
        {
            foreach (MemoryBlock block in _blocks.Values)
            {
                if (block.IsPinned && !pinned.Contains(block.Hash))
                {
                    block.IsPinned = false;
                    if (!block.IsPut)
                    {
                        Place(block);
                    }
                }
            }
        }
    }

    private void Keep(Cid cid, ReadOnlyMemory<byte> data, bool isPinned)
    {
        Check(cid, CancellationToken.None);
        lock (_lock)
        {
            if (!_blocks.TryGetValue(cid.Hash, out MemoryBlock? block))
            {
                if (!TryMakeRoom(data.Length))
                {
                    throw StoreErrors.MemoryFull(cid, data.Length, _bytes - _fetchedBytes - _passingBytes, _maxBytes);
                }

                block = Add(cid, data);
            }

            Unplace(block);
            block.IsPinned |= isPinned;
            block.IsPut |= !isPinned;
        }
    }

    private MemoryBlock Add(Cid cid, ReadOnlyMemory<byte> data)
    {
        MemoryBlock block = new(cid.Hash, Owned(data));
        _blocks[cid.Hash] = block;
        _bytes += data.Length;
        return block;
    }

    /// <summary>Lets go of as much as a new block needs; of nothing where that is not enough.</summary>
    private bool TryMakeRoom(int length)
    {
        if (_bytes - _fetchedBytes - _passingBytes > _maxBytes - length)
        {
            return false;
        }

        while (_bytes > _maxBytes - length)
        {
            Drop((_passing.First ?? _fetched.First)!.Value);
        }

        return true;
    }

    private bool Drop(MemoryBlock block)
    {
        Unplace(block);
        _bytes -= block.Data.Length;
        return _blocks.TryRemove(block.Hash, out _);
    }

    private void Touch(MemoryBlock block)
    {
        lock (_lock)
        {
            if (block.Place is { List: { } list } place)
            {
                list.Remove(place);
                list.AddLast(place);
            }
        }
    }

    private void Place(MemoryBlock block)
    {
        block.Place = (block.IsPassing ? _passing : _fetched).AddLast(block);
        (block.IsPassing ? ref _passingBytes : ref _fetchedBytes) += block.Data.Length;
    }

    private void Unplace(MemoryBlock block)
    {
        if (block.Place is not { List: { } list } place)
        {
            return;
        }

        list.Remove(place);
        block.Place = null;
        (block.IsPassing ? ref _passingBytes : ref _fetchedBytes) -= block.Data.Length;
        block.IsPassing = false;
    }

    private IEnumerable<StoredBlock> Enumerate(HashPrefix start, CancellationToken cancellationToken)
    {
        CheckOpen(cancellationToken);
        foreach ((Multihash hash, MemoryBlock block) in _blocks)
        {
            CheckOpen(cancellationToken);
            if (start.Matches(hash))
            {
                yield return new StoredBlock(Cid.CreateV1(Multicodec.Raw, hash), block.Data.Length);
            }
        }
    }

    /// <summary>
    /// Returns the data as it is when it fills its array to four fifths or better, else a copy: a slice would keep the whole alive.
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

/// <summary>A block of a <see cref="MemoryBlockstore"/>, which changes it under its lock.</summary>
/// <param name="hash">The hash of its data.</param>
/// <param name="data">Its data.</param>
internal sealed class MemoryBlock(in Multihash hash, ReadOnlyMemory<byte> data)
{
    private volatile LinkedListNode<MemoryBlock>? _place;

    public Multihash Hash { get; } = hash;

    public ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>Gets whether it was put by a caller, and not only fetched.</summary>
    public bool IsPut { get; set; }

    /// <summary>Gets whether it is pinned, or below a recursive pin.</summary>
    public bool IsPinned { get; set; }

    /// <summary>Gets whether it was fetched to be written to a file.</summary>
    public bool IsPassing { get; set; }

    /// <summary>Gets where it stands among those that may be let go, by when they were used; null when it may not.</summary>
    public LinkedListNode<MemoryBlock>? Place
    {
        get => _place;
        set => _place = value;
    }
}
