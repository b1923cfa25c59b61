using System.Globalization;
using System.Text;

namespace Bitswap.Live;

/// <summary>Draws frames over one another, and gives the terminal back as it was, with the last frame to stay.</summary>
/// <remarks>The sequences are those of xterm: alternate buffer (1049), cursor (25), and frames shown whole (2026), which terminals that do not know it pass over.</remarks>
/// <param name="write">Writes to the terminal.</param>
/// <param name="apart">
/// Whether to draw on a screen of its own. A host that was told to give out plain text takes the sequences for that away; moving the cursor is left.
/// </param>
internal sealed class LiveScreen(Action<string> write, bool apart)
{
    private IReadOnlyList<string> _last = [];
    private bool _entered;

    /// <summary>Draws a frame.</summary>
    /// <param name="lines">The frame: fewer lines than the window has.</param>
    /// <param name="hint">A line below it that does not stay.</param>
    public void Draw(IReadOnlyList<string> lines, string hint)
    {
        StringBuilder text = new();
        if (apart)
        {
            text.Append(_entered ? "" : "\e[?1049h\e[?25l").Append("\e[?2026h\e[H");
        }
        else if (_entered)
        {
            text.Append(CultureInfo.InvariantCulture, $"\r\e[{_last.Count}A");
        }

        foreach (string line in lines)
        {
            text.Append(line).Append("\e[K\r\n");
        }

        text.Append("\e[J").Append(hint).Append(apart ? "\e[?2026l" : "");
        _last = lines;
        _entered = true;
        write(text.ToString());
    }

    /// <summary>Gives the terminal back. Does nothing when nothing was drawn, or when it is given back already.</summary>
    public void Leave()
    {
        if (_entered)
        {
            _entered = false;
            write(apart ? string.Concat("\e[?1049l\e[?25h", string.Concat(_last.Select(line => line + "\r\n"))) : "\r\e[K");
        }
    }
}
