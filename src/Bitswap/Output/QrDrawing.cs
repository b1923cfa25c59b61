using System.Text;
using Bitswap.Node.Core;

namespace Bitswap.Output;

/// <summary>Draws a QR code for a terminal, two rows of modules a line.</summary>
internal static class QrDrawing
{
    // Light modules are drawn and dark ones left out. On the dark background of most terminals that is right without colours, too, where a host removes them.
    private const char Both = '█';
    private const char Upper = '▀';
    private const char Lower = '▄';

    // white on black of the 256 colours, which themes leave as they are
    private const string Colours = "\e[38;5;231;48;5;16m";
    private const string NoColours = "\e[0m";

    /// <summary>Draws a text.</summary>
    /// <returns>Null where no QR code holds so long a text: the largest holds <see cref="QrCode.MaxBytes"/>.</returns>
    public static QrLines? Draw(string text)
    {
        if (QrCode.ModulesOf(text) is not { } modules)
        {
            return null;
        }

        StringBuilder drawn = new();
        for (int row = 0; row < modules.Count; row += 2)
        {
            drawn.Append(row == 0 ? "" : Environment.NewLine).Append(Colours);
            for (int column = 0; column < modules.Count; column++)
            {
                bool upper = modules[row][column];
                bool lower = row + 1 < modules.Count && modules[row + 1][column];
                drawn.Append((upper, lower) switch { (false, false) => Both, (false, true) => Upper, (true, false) => Lower, _ => ' ' });
            }

            drawn.Append(NoColours);
        }

        return new QrLines(drawn.ToString(), modules.Count, (modules.Count + 1) / 2);
    }
}

/// <summary>A drawn QR code.</summary>
/// <param name="Text">The lines, with colours.</param>
/// <param name="Width">How many columns each takes.</param>
/// <param name="Height">How many lines.</param>
internal sealed record QrLines(string Text, int Width, int Height);
