using System.Buffers;

namespace Bitswap.Protocol.Wire;

/// <summary>A piece of a frame behind others.</summary>
internal sealed class FramePiece : ReadOnlySequenceSegment<byte>
{
    public FramePiece(ReadOnlyMemory<byte> memory, FramePiece? former)
    {
        Memory = memory;
        if (former is not null)
        {
            RunningIndex = former.RunningIndex + former.Memory.Length;
            former.Next = this;
        }
    }
}
