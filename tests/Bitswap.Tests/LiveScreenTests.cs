using Bitswap.Live;

namespace Bitswap.Tests;

public sealed class LiveScreenTests
{
    private readonly List<string> _written = [];

    [Fact]
    public void The_terminal_is_given_back_as_it_was_with_the_last_frame_below()
    {
        LiveScreen screen = new(_written.Add, apart: true);
        screen.Draw(["one"], "hint");
        screen.Draw(["two", "lines"], "hint");
        screen.Leave();
        screen.Leave();
        Assert.Equal(
            [
                "\e[?1049h\e[?25l\e[?2026h\e[Hone\e[K\r\n\e[Jhint\e[?2026l",
                "\e[?2026h\e[Htwo\e[K\r\nlines\e[K\r\n\e[Jhint\e[?2026l",
                "\e[?1049l\e[?25htwo\r\nlines\r\n",
            ],
            _written);
    }

    [Fact]
    public void Where_there_is_no_screen_apart_the_cursor_goes_back_up()
    {
        LiveScreen screen = new(_written.Add, apart: false);
        screen.Draw(["one", "two"], "hint");
        screen.Draw(["three"], "hint");
        screen.Leave();
        Assert.Equal(["one\e[K\r\ntwo\e[K\r\n\e[Jhint", "\r\e[2Athree\e[K\r\n\e[Jhint", "\r\e[K"], _written);
    }

    [Fact]
    public void A_screen_that_was_never_drawn_leaves_nothing()
    {
        new LiveScreen(_written.Add, true).Leave();
        new LiveScreen(_written.Add, false).Leave();
        Assert.Empty(_written);
    }

    [Theory]
    [InlineData("-NonInteractive", true)]
    [InlineData("-noni", true)]
    [InlineData("--noninteractive", true)]
    [InlineData("/NonInter", true)]
    [InlineData("-non", false)]
    [InlineData("-NoProfile", false)]
    [InlineData("noninteractive", false)]
    [InlineData("-NonInteractively", false)]
    [InlineData("", false)]
    public void NonInteractive_is_known_in_each_form_that_PowerShell_takes(string argument, bool expected) =>
        Assert.Equal(expected, Terminal.IsNonInteractiveSwitch(argument));
}
