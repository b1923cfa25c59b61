using System.Buffers;
using System.Runtime.InteropServices;

namespace Bitswap.Protocol.Tests.Messages;

/// <summary>A frame in pieces is the frame in one, and its large blocks are where they were.</summary>
public sealed class EncodedFrameTests
{
    private const int Apart = 16 * 1024;

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { 1 })]
    [InlineData(new[] { Apart - 1 })]
    [InlineData(new[] { Apart })]
    [InlineData(new[] { 1 << 20 })]
    [InlineData(new[] { Apart, 100, Apart + 1, 0, 30_000, 5 })]
    public void Its_pieces_are_the_bytes_of_the_frame_in_every_version(int[] sizes)
    {
        BitswapMessage message = Message(sizes);
        foreach (BitswapVersion version in WireData.Versions)
        {
            byte[] whole = new byte[MessageCodec.GetFrameSize(message, version)];
            MessageCodec.EncodeFrame(message, version, whole);

            using EncodedFrame frame = MessageCodec.EncodeFrame(message, version);

            Assert.Equal(whole, frame.Bytes.ToArray());
        }
    }

    [Fact]
    public void A_large_block_is_not_copied_and_a_small_one_is()
    {
        BitswapMessage message = Message([Apart - 1, Apart]);
        using EncodedFrame frame = MessageCodec.EncodeFrame(message, BitswapVersion.V120);

        Assert.False(Holds(frame, message.Blocks[0]));
        Assert.True(Holds(frame, message.Blocks[1]));
    }

    [Fact]
    public void Nothing_is_left_of_it_once_it_is_disposed()
    {
        EncodedFrame frame = MessageCodec.EncodeFrame(Message([Apart]), BitswapVersion.V120);

        frame.Dispose();
        frame.Dispose();

        Assert.True(frame.Bytes.IsEmpty);
    }

    private static BitswapMessage Message(int[] sizes) => new()
    {
        Wantlist = [new WantlistEntry { Cid = WireData.RawCid(1), Priority = 1, Type = WantType.Have, SendDontHave = true }],
        Blocks = [.. sizes.Select(size => WireData.RawBlock(Bytes(size)))],
        Presences = [new BlockPresence(WireData.RawCid(2), PresenceType.DontHave)],
        PendingBytes = 77,
    };

    private static byte[] Bytes(int size)
    {
        byte[] data = new byte[size];
        new Random(size).NextBytes(data);
        return data;
    }

    private static bool Holds(EncodedFrame frame, Block block)
    {
        MemoryMarshal.TryGetArray(block.Data, out ArraySegment<byte> data);
        foreach (ReadOnlyMemory<byte> piece in frame.Bytes)
        {
            if (MemoryMarshal.TryGetArray(piece, out ArraySegment<byte> segment) && segment.Array == data.Array)
            {
                return true;
            }
        }

        return false;
    }
}
