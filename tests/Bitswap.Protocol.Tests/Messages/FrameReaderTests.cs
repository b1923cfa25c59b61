using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;
using static Bitswap.Protocol.Tests.Messages.WireData;

namespace Bitswap.Protocol.Tests.Messages;

public sealed class FrameReaderTests
{
    [Fact]
    public void Small_frames_of_one_read_all_come_out()
    {
        using FrameReader reader = new(WireLimits.Default);
        Assert.Equal(["01", "", "0203"], Frames(reader, [1, 1, 0, 2, 2, 3, 4, 9]));
        Assert.False(reader.IsAtBoundary);
        Assert.Equal(["09080706"], Frames(reader, [8, 7, 6]));
        Assert.True(reader.IsAtBoundary);
    }

    [Fact]
    public void A_length_that_comes_byte_by_byte_is_awaited()
    {
        using FrameReader reader = new(WireLimits.Default);
        byte[] frame = Framed(new byte[300]);
        for (int i = 0; i < frame.Length; i++)
        {
            Assert.Equal(i == frame.Length - 1 ? 1 : 0, Frames(reader, [frame[i]]).Count);
        }

        Assert.True(reader.IsAtBoundary);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_381)]
    [InlineData(16_382)]
    [InlineData(16_384)]
    [InlineData(262_143)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(1_048_600)]
    [InlineData(4_194_304)]
    public void A_frame_of_any_size_between_others_comes_out_whole_at_any_pace(int size)
    {
        byte[] content = new byte[size];
        new Random(size).NextBytes(content);
        byte[] stream = [.. Framed([1, 2, 3]), .. Framed(content), .. Framed([4]), .. Framed(content)];
        foreach (int pace in new[] { 1000, 16_384, 65_507, int.MaxValue })
        {
            using FrameReader reader = new(WireLimits.Default);
            List<byte[]> frames = [];
            Feed(reader, stream, pace, frames);
            Assert.Equal([3, size, 1, size], frames.Select(frame => frame.Length));
            Assert.True(frames[1].AsSpan().SequenceEqual(content) && frames[3].AsSpan().SequenceEqual(content));
            Assert.True(reader.IsAtBoundary);
        }
    }

    [Fact]
    public void A_large_frame_under_way_is_read_into_place_up_to_its_end()
    {
        using FrameReader reader = new(WireLimits.Default);
        byte[] stream = [.. Framed(new byte[100_000]), .. Framed([1])];
        int first = Put(reader, stream);
        Assert.False(reader.TryAdvance(first, out ReadOnlyMemory<byte> none));
        Assert.True(none.IsEmpty);

        Memory<byte> rest = reader.GetMemory();
        Assert.Equal(100_003 - first, rest.Length);
        stream.AsMemory(first, rest.Length).CopyTo(rest);
        Assert.True(reader.TryAdvance(rest.Length, out ReadOnlyMemory<byte> frame));
        Assert.True(frame[^rest.Length..].Span.Overlaps(rest.Span, out int offset) && offset == 0);
        Assert.False(reader.TryReadNext(out _));
        Assert.Equal(["01"], Frames(reader, stream[^2..]));
    }

    [Fact]
    public void A_large_frame_is_told_before_memory_is_made_for_it_and_given_back_where_it_comes_no_further()
    {
        const int size = 250_000;
        FrameMemory memory = new();
        FrameReader reader = new(WireLimits.Default, memory);
        byte[] begins = [0x90, 0xA1, 0x0F, .. new byte[16_000]];
        Assert.Equal(0, reader.LargeFrameAhead);
        begins.CopyTo(reader.GetMemory());
        Assert.False(reader.TryAdvance(begins.Length, out _));
        Assert.Equal(size, reader.LargeFrameAhead);
        Assert.False(reader.TryReadNext(out _));
        Assert.False(reader.IsAtBoundary);

        // 16 times what came is enough for it, so it has an array that may be kept
        Assert.Equal(size - 16_000, reader.GetMemory().Length);
        Assert.Equal(0, reader.LargeFrameAhead);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(reader.GetMemory(), out ArraySegment<byte> into));
        reader.Dispose();
        Assert.Same(into.Array, memory.Rent(size));
    }

    [Fact]
    public void A_declared_length_reserves_at_most_thirty_two_times_what_has_arrived()
    {
        using FrameReader reader = new(WireLimits.Default);
        Assert.Empty(Frames(reader, [0x80, 0x80, 0x80, 2]));
        for (int arrived = 0; arrived < 4_000_000; arrived += 1000)
        {
            Assert.InRange(arrived + reader.GetMemory().Length, 1, Math.Max(16 * 1024, 32 * arrived));
            Assert.Empty(Frames(reader, new byte[1000]));
        }
    }

    [Fact]
    public void After_a_large_frame_the_next_gets_its_buffer_at_once_and_no_longer_one()
    {
        using FrameReader reader = new(WireLimits.Default);
        Assert.Single(Frames(reader, Framed(new byte[300_000])));

        byte[] asLong = Framed(new byte[300_000]);
        Assert.Empty(Frames(reader, asLong[..10_000]));
        Assert.Equal(asLong.Length - 10_000, reader.GetMemory().Length);
        Assert.Single(Frames(reader, asLong[10_000..]));

        Assert.Empty(Frames(reader, Framed(new byte[4_000_000])[..10_000]));
        Assert.InRange(10_000 + reader.GetMemory().Length, 300_000, 2 * 300_000);
    }

    [Fact]
    public void A_declared_length_over_the_limit_is_refused_before_more_is_read()
    {
        using FrameReader reader = new(new WireLimits { MaxMessageSize = 1024 });
        Assert.Single(Frames(reader, Framed(new byte[1024])));
        WireException error = Assert.Throws<WireException>(() => Frames(reader, [0x81, 8]));
        Assert.Equal(WireException.MessageTooLarge, error.ErrorId);

        using FrameReader other = new(WireLimits.Default);
        Assert.Equal(WireException.MessageTooLarge, Assert.Throws<WireException>(() => Frames(other, [0x81, 0x80, 0x80, 2])).ErrorId);
    }

    [Fact]
    public void The_longest_varint_there_is_declares_too_much() =>
        Assert.Equal(
            WireException.MessageTooLarge, Assert.Throws<WireException>(() => Refuse("ffffffffffffffff7f")).ErrorId);

    [Theory]
    [InlineData("8100")]
    [InlineData("8000")]
    [InlineData("ffffffffffffffffff01")]
    [InlineData("808080808080808080")]
    public void A_length_that_is_no_minimal_varint_is_refused(string hex) =>
        Assert.Equal(WireException.InvalidMessage, Assert.Throws<WireException>(() => Refuse(hex)).ErrorId);

    [Fact]
    public void Counts_that_cannot_be_are_refused()
    {
        using FrameReader reader = new(WireLimits.Default);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryAdvance(-1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryAdvance(1, out _));
        int length = reader.GetMemory().Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryAdvance(length + 1, out _));
        Assert.False(reader.TryAdvance(0, out _));
        Assert.True(reader.IsAtBoundary);
    }

    [Fact]
    public void After_its_end_it_is_of_no_use()
    {
        FrameReader reader = new(WireLimits.Default);
        reader.GetMemory();
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.GetMemory());
        Assert.Throws<ObjectDisposedException>(() => reader.TryReadNext(out _));
        Assert.Throws<ObjectDisposedException>(() => reader.TryAdvance(0, out _));
    }

    [Fact]
    public void Random_frames_at_a_random_pace_come_out_as_they_went_in() => Seeded.Run(random =>
    {
        List<byte[]> sent = [.. Enumerable.Range(0, 200).Select(_ => new byte[random.Next(4) == 0 ? random.Next(300_000) : random.Next(200)])];
        sent.ForEach(random.NextBytes);
        byte[] stream = [.. sent.SelectMany(Framed)];

        using FrameReader reader = new(WireLimits.Default);
        List<byte[]> frames = [];
        for (int at = 0; at < stream.Length;)
        {
            int count = Math.Min(1 + random.Next(random.Next(2) == 0 ? 100 : 70_000), stream.Length - at);
            Feed(reader, stream.AsSpan(at, count), int.MaxValue, frames);
            at += count;
        }

        Assert.True(frames.Count == sent.Count && frames.Zip(sent).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)));
    });

    private static void Refuse(string hex)
    {
        using FrameReader reader = new(WireLimits.Default);
        Frames(reader, Convert.FromHexString(hex));
    }

    private static byte[] Framed(byte[] content)
    {
        byte[] length = new byte[Varint.Length((ulong)content.Length)];
        Varint.Write(length, (ulong)content.Length);
        return [.. length, .. content];
    }

    private static List<string> Frames(FrameReader reader, byte[] bytes)
    {
        List<byte[]> frames = [];
        Feed(reader, bytes, int.MaxValue, frames);
        return [.. frames.Select(Hex)];
    }

    private static void Feed(FrameReader reader, ReadOnlySpan<byte> bytes, int pace, List<byte[]> frames)
    {
        while (!bytes.IsEmpty)
        {
            int count = Put(reader, bytes[..Math.Min(pace, bytes.Length)]);
            for (bool more = reader.TryAdvance(count, out ReadOnlyMemory<byte> frame); more; more = reader.TryReadNext(out frame))
            {
                frames.Add(frame.ToArray());
            }

            bytes = bytes[count..];
        }
    }

    private static int Put(FrameReader reader, ReadOnlySpan<byte> bytes)
    {
        Span<byte> free = reader.GetMemory().Span;
        int count = Math.Min(free.Length, bytes.Length);
        bytes[..count].CopyTo(free);
        return count;
    }
}
