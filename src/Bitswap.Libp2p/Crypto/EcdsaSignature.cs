using System.Formats.Asn1;

namespace Bitswap.Libp2p.Crypto;

/// <summary>The strict DER form of an ECDSA signature over 256-bit curves: SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 section 2.2.3).</summary>
internal static class EcdsaSignature
{
    /// <summary>The length of r and of s in the form of fixed length, in bytes.</summary>
    public const int NumberLength = 32;

    /// <summary>Reads r and s, positive and minimally encoded, with nothing after them.</summary>
    /// <param name="der">The signature.</param>
    /// <param name="numbers">Where r and then s are written, each in 32 bytes with the highest first.</param>
    public static bool TryRead(ReadOnlySpan<byte> der, Span<byte> numbers)
    {
        try
        {
            AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out int start, out int length, out int consumed);
            ReadOnlySpan<byte> content = der.Slice(start, length);
            ReadOnlySpan<byte> r = AsnDecoder.ReadIntegerBytes(content, AsnEncodingRules.DER, out int end);
            content = content[end..];
            ReadOnlySpan<byte> s = AsnDecoder.ReadIntegerBytes(content, AsnEncodingRules.DER, out end);
            return consumed == der.Length && end == content.Length
                && TryWrite(r, numbers[..NumberLength]) && TryWrite(s, numbers.Slice(NumberLength, NumberLength));
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool TryWrite(ReadOnlySpan<byte> integer, Span<byte> number)
    {
        bool negative = integer[0] >= 0x80;
        integer = integer.TrimStart((byte)0);
        if (negative || integer.Length > NumberLength)
        {
            return false;
        }

        number.Clear();
        integer.CopyTo(number[(NumberLength - integer.Length)..]);
        return true;
    }
}
