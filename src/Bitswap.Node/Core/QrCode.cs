using System.Collections;
using QRCoder;
using QRCoder.Exceptions;

namespace Bitswap.Node.Core;

/// <summary>Makes QR codes (ISO/IEC 18004) for the module, which itself may refer to no package.</summary>
internal static class QrCode
{
    /// <summary>The most bytes that the largest code holds.</summary>
    public const int MaxBytes = 2953;

    /// <summary>Returns the modules of the smallest code that holds a text, row by row with the margin of four that readers need: true is dark.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Null where no code holds so long a text.</returns>
    public static IReadOnlyList<BitArray>? ModulesOf(string text)
    {
        try
        {
            // the lowest of the four levels of error correction: a screen is not torn or soiled, and the code stays small
            using QRCodeData code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
            return code.ModuleMatrix;
        }
        catch (DataTooLongException)
        {
            return null;
        }
    }
}
