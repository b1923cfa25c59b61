using System.Text;

namespace Bitswap.Live;

/// <summary>One line of the screen, which never grows wider than it may.</summary>
internal sealed class StyledLine(int width, TextStyle style)
{
    private readonly StringBuilder _text = new();
    private int _used;

    /// <summary>Adds text in a colour; what does not fit is left out.</summary>
    public StyledLine Add(string text, string colour = "")
    {
        int room = width - _used;
        if (room <= 0 || text.Length == 0)
        {
            return this;
        }

        string fits = text.Length <= room ? text : string.Concat(text.AsSpan(0, room - 1), "…");
        _used += fits.Length;
        _text.Append(colour).Append(fits).Append(colour.Length > 0 ? style.Reset : "");
        return this;
    }

    /// <summary>Adds a cell of a table: padded, or cut, to its width.</summary>
    public StyledLine Cell(string text, int cell, bool right = false, string colour = "")
    {
        string fits = text.Length <= cell ? text : string.Concat(text.AsSpan(0, cell - 1), "…");
        return Add(right ? fits.PadLeft(cell) : fits.PadRight(cell), colour).Add(" ");
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
