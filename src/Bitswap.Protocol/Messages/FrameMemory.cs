using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// Lends arrays to frames whose block stays in them, and takes back those of which it is known that they are not used any more. Others are left to
/// the garbage collector, so giving back is never a duty. May be used by several threads at once.
/// </summary>
/// <remarks>
/// Arrays of this size make the collector look at the whole heap every few megabytes, and come back as pages that the system has to clear first:
/// together about a tenth of what receiving a block of 1 MiB cost the getter, by its processor time.
/// </remarks>
public sealed class FrameMemory
{
    /// <summary>What is held for frames to come: enough for those that are on their way at one time.</summary>
    private const int MaxSpareBytes = 8 * 1024 * 1024;

    /// <summary>A frame may get an array that is longer than it by this part, since to keep the block is to keep the array.</summary>
    private const int SlackPart = 8;

    private static readonly object _mark = new();

    private readonly Lock _lock = new();
    private readonly List<byte[]> _spare = [];
    private readonly ConditionalWeakTable<byte[], object> _lent = [];
    private int _spareBytes;

    /// <summary>An array of at least this length, whose content is anything.</summary>
    /// <param name="size">Bytes, 1 or more.</param>
    public byte[] Rent(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        byte[] array = TakeSpare(size) ?? GC.AllocateUninitializedArray<byte>(size);
        _lent.Add(array, _mark);
        return array;
    }

    /// <summary>Says that <paramref name="data"/> is kept: the array that it lies in is never used for another frame.</summary>
    public void Keep(ReadOnlyMemory<byte> data)
    {
        if (MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment))
        {
            _lent.Remove(segment.Array!);
        }
    }

    /// <summary>
    /// Takes back the array that <paramref name="data"/> lies in, which may not be used any more. What was not lent here, or was given back or kept
    /// already, is left alone.
    /// </summary>
    public void Return(ReadOnlyMemory<byte> data)
    {
        if (!MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment) || !_lent.Remove(segment.Array!))
        {
            return;
        }

        byte[] array = segment.Array!;
        lock (_lock)
        {
            if (_spareBytes + array.Length <= MaxSpareBytes)
            {
                _spare.Add(array);
                _spareBytes += array.Length;
            }
        }
    }

    /// <summary>The spare array that came back last and fits; when others would fill the place, the oldest go.</summary>
    private byte[]? TakeSpare(int size)
    {
        lock (_lock)
        {
            for (int i = _spare.Count - 1; i >= 0; i--)
            {
                byte[] array = _spare[i];
                if (array.Length >= size && array.Length - size <= size / SlackPart)
                {
                    _spare.RemoveAt(i);
                    _spareBytes -= array.Length;
                    return array;
                }
            }

            // none of them serves what comes now: make place for those that will
            if (_spare.Count > 0)
            {
                _spareBytes -= _spare[0].Length;
                _spare.RemoveAt(0);
            }

            return null;
        }
    }
}
