using System.Runtime.InteropServices;
using Bitswap.Multiformats;

namespace Bitswap.Protocol.Tests.Messages;

/// <summary>A large block stays where it was read; nothing else keeps a frame alive, and no frame that is reused is kept.</summary>
public sealed class KeptFrameTests
{
    [Fact]
    public void A_large_block_stays_in_its_frame_and_outlives_the_reader()
    {
        Block block = MakeBlock(1 << 20, seed: 1);
        BitswapMessage message;
        using (FrameReader reader = new(WireLimits.Default))
        {
            ReadOnlyMemory<byte> frame = Read(reader, block);
            Assert.True(reader.IsFrameKept);
            message = MessageCodec.Decode(frame, WireLimits.Default, reader.IsFrameKept);
            Assert.True(MemoryMarshal.TryGetArray(message.Blocks[0].Data, out ArraySegment<byte> data) && MemoryMarshal.TryGetArray(frame, out ArraySegment<byte> whole) && data.Array == whole.Array);

            ReadOnlyMemory<byte> next = Read(reader, MakeBlock(1 << 20, seed: 2));
            Assert.Single(MessageCodec.Decode(next, WireLimits.Default, reader.IsFrameKept).Blocks);
        }

        Assert.True(message.Blocks[0].Data.Span.SequenceEqual(block.Data.Span));
        Assert.Equal(block.Cid, message.Blocks[0].Cid);
    }

    [Fact]
    public void A_frame_of_many_small_blocks_is_not_kept_by_one_of_them()
    {
        Block[] blocks = [.. Enumerable.Range(0, 300).Select(seed => MakeBlock(1000, seed))];
        using FrameReader reader = new(WireLimits.Default);

        ReadOnlyMemory<byte> frame = Read(reader, blocks);
        BitswapMessage message = MessageCodec.Decode(frame, WireLimits.Default, reader.IsFrameKept);

        Assert.Equal(300, message.Blocks.Count);
        Assert.All(message.Blocks, block => Assert.True(MemoryMarshal.TryGetArray(block.Data, out ArraySegment<byte> data) && data.Array!.Length == 1000));
    }

    [Fact]
    public void A_small_frame_is_never_kept()
    {
        using FrameReader reader = new(WireLimits.Default);

        Read(reader, MakeBlock(50_000, seed: 3));

        Assert.False(reader.IsFrameKept);
    }

    [Fact]
    public void The_frame_after_one_that_was_given_back_is_read_into_its_memory()
    {
        FrameMemory memory = new();
        using FrameReader reader = new(WireLimits.Default, memory);
        ReadOnlyMemory<byte> first = Read(reader, MakeBlock(1 << 20, seed: 1));
        MemoryMarshal.TryGetArray(first, out ArraySegment<byte> firstArray);
        memory.Return(first);

        Block block = MakeBlock(1 << 20, seed: 2);
        ReadOnlyMemory<byte> second = Read(reader, block);

        Assert.True(MemoryMarshal.TryGetArray(second, out ArraySegment<byte> secondArray) && secondArray.Array == firstArray.Array);
        Assert.True(MessageCodec.Decode(second, WireLimits.Default, reader.IsFrameKept).Blocks[0].Data.Span.SequenceEqual(block.Data.Span));
    }

    private static Block MakeBlock(int size, int seed)
    {
        byte[] data = new byte[size];
        new Random(seed).NextBytes(data);
        return new Block(Cid.Compute(Multicodec.Raw, data), data);
    }

    private static ReadOnlyMemory<byte> Read(FrameReader reader, params Block[] blocks)
    {
        BitswapMessage message = new() { Blocks = blocks };
        byte[] stream = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, stream);
        for (int offset = 0; ;)
        {
            Memory<byte> free = reader.GetMemory();
            int take = Math.Min(free.Length, stream.Length - offset);
            stream.AsMemory(offset, take).CopyTo(free);
            offset += take;
            if (reader.TryAdvance(take, out ReadOnlyMemory<byte> frame))
            {
                return frame;
            }
        }
    }
}
