
namespace Bitswap.Node.Peers;

/// <summary>
/// Who uses the memory of a frame that came whole: the reader of its parts, and each part until the engine has taken it. With the last, its room is free, and its memory is lent to
/// the next frame unless a block of it is kept.
/// </summary>
/// <param name="frame">The frame.</param>
/// <param name="memory">Whom its memory is from.</param>
/// <param name="room">The room it takes; null for one that takes none.</param>
internal sealed class FrameUse(ReadOnlyMemory<byte> frame, FrameMemory memory, FrameArrival? room)
{
    private int _users = 1;
    private volatile bool _isKept;

    /// <summary>One more uses it.</summary>
    public void Add() => Interlocked.Increment(ref _users);

    /// <summary>A block in it is kept.</summary>
    public void Keep() => _isKept = true;

    /// <summary>One uses it no more.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        if (!_isKept)
        {
            memory.Return(frame);
        }

        room?.Dispose();
    }
}
