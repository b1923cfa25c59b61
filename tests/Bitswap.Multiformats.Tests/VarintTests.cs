using System.Buffers;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(1, "01")]
    [InlineData(127, "7f")]
    [InlineData(128, "8001")]
    [InlineData(255, "ff01")]
    [InlineData(300, "ac02")]
    [InlineData(16384, "808001")]
    [InlineData(long.MaxValue, "ffffffffffffffff7f")]
    public void A_value_has_one_encoding(long value, string hex)
    {
        byte[] buffer = new byte[Varint.MaxLength];
        int written = Varint.Write(buffer, (ulong)value);

        Assert.Equal(hex, Convert.ToHexStringLower(buffer.AsSpan(0, written)));
        Assert.Equal(written, Varint.Length((ulong)value));
        Assert.Equal((ulong)value, Varint.Read(buffer.AsSpan(0, written), out int consumed));
        Assert.Equal(written, consumed);
    }

    [Fact]
    public void Powers_of_two_and_their_neighbours_read_back_whole_cut_and_with_more_behind()
    {
        byte[] buffer = new byte[Varint.MaxLength + 2];
        for (int bit = 0; bit < 63; bit++)
        {
            foreach (ulong value in new[] { (1UL << bit) - 1, 1UL << bit, (1UL << bit) + 1 })
            {
                buffer.AsSpan().Fill(0xFF);
                int written = Varint.Write(buffer, value);

                Assert.Equal(OperationStatus.Done, Varint.TryRead(buffer, out ulong read, out int consumed));
                Assert.Equal((value, written), (read, consumed));
                Assert.Equal(OperationStatus.Done, Varint.TryRead(buffer.AsSpan(0, written), out read, out consumed));
                Assert.Equal((value, written), (read, consumed));
                Assert.Equal(OperationStatus.NeedMoreData, Varint.TryRead(buffer.AsSpan(0, written - 1), out read, out consumed));
                Assert.Equal((0UL, 0), (read, consumed));
            }
        }
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("ff8000")]
    [InlineData("80808080808080808000")]
    [InlineData("ffffffffffffffffff01")]
    [InlineData("808080808080808080")]
    [InlineData("ffffffffffffffffffffffff")]
    public void A_longer_form_and_a_tenth_byte_are_refused(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.Equal(OperationStatus.InvalidData, Varint.TryRead(bytes, out ulong value, out int consumed));
        Assert.Equal((0UL, 0), (value, consumed));
        Fails.With("InvalidVarint", "shortest form", () => Varint.Read(bytes, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("8080808080808080")]
    public void A_varint_that_is_cut_short_asks_for_more(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.Equal(OperationStatus.NeedMoreData, Varint.TryRead(bytes, out _, out _));
        Fails.With("InvalidVarint", $"cut short after {bytes.Length} bytes", () => Varint.Read(bytes, out _));
    }

    [Fact]
    public void A_value_over_63_bits_or_without_room_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Varint.Length(1UL << 63));
        Assert.Throws<ArgumentOutOfRangeException>(() => Varint.Write(new byte[20], 1UL << 63));
        Assert.Throws<ArgumentException>(() => Varint.Write(new byte[1], 128));
    }

    [Fact]
    public void Random_bytes_that_are_read_write_the_same_bytes() => Seeded.Run(20_000, random =>
    {
        byte[] bytes = random.Bytes(random.Next(12));
        if (Varint.TryRead(bytes, out ulong value, out int consumed) == OperationStatus.Done)
        {
            byte[] written = new byte[Varint.MaxLength];
            Assert.Equal(consumed, Varint.Write(written, value));
            Assert.True(written.AsSpan(0, consumed).SequenceEqual(bytes.AsSpan(0, consumed)));
        }
    });
}
