using Bitswap.Live;

namespace Bitswap.Tests;

public sealed class StyledLineTests
{
    private static readonly TextStyle _marked = TextStyle.Plain with { Bold = "<", Reset = ">" };

    [Fact]
    public void What_does_not_fit_is_cut_and_colours_take_no_room()
    {
        Assert.Equal("ab<cd>", new StyledLine(4, _marked).Add("ab").Add("cd", "<").ToString());
        Assert.Equal("ab<…>", new StyledLine(3, _marked).Add("ab").Add("cd", "<").ToString());
        Assert.Equal("abc", new StyledLine(3, _marked).Add("abc").Add("cd", "<").ToString());
        Assert.Equal("", new StyledLine(0, _marked).Add("abc").ToString());
    }

    [Fact]
    public void A_cell_is_as_wide_as_it_should()
    {
        Assert.Equal("ab   | ", new StyledLine(20, TextStyle.Plain).Cell("ab", 4).Add("| ").ToString());
        Assert.Equal("  ab ", new StyledLine(20, TextStyle.Plain).Cell("ab", 4, right: true).ToString());
        Assert.Equal("abc… ", new StyledLine(20, TextStyle.Plain).Cell("abcdef", 4).ToString());
    }
}
