using System.Buffers.Binary;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Remembers in which order blocks were used since the store was opened, by the last bytes of their hashes: of a bounded number of blocks, those that were used last. Thread-safe.
/// </summary>
/// <param name="capacity">Of how many. Beyond it the half that was used longest ago is forgotten.</param>
internal sealed class UseOrder(int capacity = 1 << 18)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, long> _uses = [];
    private long _last;

    /// <summary>Returns what stands for a block: two that share it are used together, as far as is known here.</summary>
    public static ulong KeyOf(in Multihash hash)
    {
        ReadOnlySpan<byte> bytes = hash.Bytes;
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        bytes[^Math.Min(bytes.Length, key.Length)..].CopyTo(key);
        return BinaryPrimitives.ReadUInt64LittleEndian(key);
    }

    /// <summary>Notes that a block was used.</summary>
    public void Note(in Multihash hash)
    {
        ulong key = KeyOf(hash);
        lock (_lock)
        {
            _uses[key] = ++_last;
            if (_uses.Count > capacity)
            {
                Forget();
            }
        }
    }

    /// <summary>Returns when a block was used last, as a number that grows with every use; 0 where that is not known.</summary>
    public long Of(in Multihash hash)
    {
        ulong key = KeyOf(hash);
        lock (_lock)
        {
            return _uses.GetValueOrDefault(key);
        }
    }

    private void Forget()
    {
        long[] uses = [.. _uses.Values];
        Array.Sort(uses);
        long middle = uses[uses.Length / 2];
        foreach ((ulong key, long use) in _uses)
        {
            if (use < middle)
            {
                _uses.Remove(key);
            }
        }
    }
}
