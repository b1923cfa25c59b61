namespace Bitswap.Tests;

public sealed class DisplayTests
{
    [Fact]
    public void A_distribution_as_text_has_no_digits_that_nobody_measured()
    {
        BitswapDistribution sends = new(7, 0.01, 0.014334999999999999, 0.026116999999999998, 1.0 / 3, 7001);
        Assert.Equal("7: 0.014335 0.026117 0.333333, most 7001", sends.ToString());
        Assert.Equal("1: 1048576 1048576 1048576, most 1048576", new BitswapDistribution(1, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20).ToString());
    }

    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1024L, "1 KiB")]
    [InlineData(1536L, "1.5 KiB")]
    [InlineData((1L << 20) - 1, "1 MiB")]
    [InlineData((1L << 20) - 100, "1023.9 KiB")]
    [InlineData(2L << 20, "2 MiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    public void Byte_counts_read_in_the_unit_they_fill(long bytes, string expected) => Assert.Equal(expected, Display.Bytes(bytes));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(99_999, "99999")]
    [InlineData(100_000, "100k")]
    [InlineData(-123_456, "-123k")]
    [InlineData(1_234_567, "1.2M")]
    [InlineData(999_400_000, "999.4M")]
    [InlineData(999_999_999, "1G")]
    [InlineData(int.MaxValue, "2.1G")]
    [InlineData(long.MaxValue, "9.2E")]
    public void A_count_is_rounded_rather_than_cut(long count, string expected) => Assert.Equal(expected, Display.Count(count, count is 999_400_000 ? 6 : 5));

    [Fact]
    public void What_is_not_there_is_empty()
    {
        Assert.Equal("", Display.Bytes(null));
        Assert.Equal("", Display.Short(null));
        Assert.Equal("", Display.Time(null));
        Assert.Equal("", Display.Count(null, 5));
    }

    [Fact]
    public void A_cid_keeps_its_head_and_tail()
    {
        Assert.Equal("bafkreibm6…hc4yeq12", Display.Short("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq12"));
        Assert.Equal("short enough", Display.Short("short enough"));
        Assert.Equal(new string('x', 19), Display.Short(new string('x', 19)));
    }

    [Theory]
    [InlineData(0.0005, "0.5 ms")]
    [InlineData(1.25, "1.3 s")]
    [InlineData(90, "1 m 30 s")]
    [InlineData(3725, "1 h 2 m")]
    [InlineData(100_000, "1 d 3 h")]
    public void Times_read_in_the_unit_that_suits_them(double seconds, string expected) =>
        Assert.Equal(expected, Display.Time(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("plain name.txt", "plain name.txt")]
    [InlineData("\u00e9\u4e2d\ud83d\ude00 \u200d", "\u00e9\u4e2d\ud83d\ude00 \u200d")]
    [InlineData("a\u001b[2Jb\r\n\u009b\u2028", "a\ufffd[2Jb\ufffd\ufffd\ufffd\ufffd")]
    [InlineData("exe\u202egnp.txt", "exe\ufffdgnp.txt")]
    public void Names_of_others_are_made_safe_to_show(string name, string expected) => Assert.Equal(expected, Display.Name(name));

    [Fact]
    public void Half_a_character_is_not_shown()
    {
        Assert.Equal("x\ufffdy", Display.Name("x\ud83dy"));
        Assert.Equal("\ufffd", Display.Name("\ude00"));
        Assert.Equal("", Display.Name(null));
    }
}
