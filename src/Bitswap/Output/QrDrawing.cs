using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using QRCoder;
using QRCoder.Exceptions;

namespace Bitswap.Output;

/// <summary>Draws a QR code for a terminal: two rows of modules a line, with the margin of four modules that readers need (ISO/IEC 18004).</summary>
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
    /// <param name="text">The text.</param>
    /// <param name="lines">The lines, from the top, all of the same width; empty where the text is too long.</param>
    /// <returns>False where no QR code holds so long a text: the largest holds 2953 bytes.</returns>
    public static bool TryDraw(string text, [NotNullWhen(true)] out QrLines? lines)
    {
        List<BitArray> modules;
        try
        {
            // the lowest of the four levels of error correction: a screen is not torn or soiled, and the code stays small
            using QRCodeData code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
            modules = code.ModuleMatrix;
        }
        catch (DataTooLongException)
        {
            lines = null;
            return false;
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

        lines = new QrLines(drawn.ToString(), modules.Count);
        return true;
    }
}

/// <summary>A drawn QR code.</summary>
/// <param name="Text">The lines, with colours.</param>
/// <param name="Width">How many columns each takes.</param>
internal sealed record QrLines(string Text, int Width);
