namespace Bitswap.Libp2p.Crypto;

/// <summary>The strict DER form of an ECDSA signature over 256-bit curves: SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 section 2.2.3).</summary>
internal static class EcdsaSignature
{
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;
    private const int HeaderLength = 2;
    private const int MaxIntegerLength = 33;

    /// <summary>Reads r and s, positive and minimally encoded, with nothing after them.</summary>
    public static bool TryRead(ReadOnlySpan<byte> der, out UInt256 r, out UInt256 s)
    {
        s = UInt256.Zero;
        if (der.Length < HeaderLength || der[0] != Sequence || der[1] != der.Length - HeaderLength)
        {
            r = UInt256.Zero;
            return false;
        }

        der = der[HeaderLength..];
        return TryReadInteger(ref der, out r) && TryReadInteger(ref der, out s) && der.IsEmpty;
    }

    private static bool TryReadInteger(ref ReadOnlySpan<byte> der, out UInt256 value)
    {
        value = UInt256.Zero;
        if (der.Length < HeaderLength || der[0] != Integer || der[1] is 0 or > MaxIntegerLength || der.Length - HeaderLength < der[1])
        {
            return false;
        }

        ReadOnlySpan<byte> content = der.Slice(HeaderLength, der[1]);
        der = der[(HeaderLength + content.Length)..];

        // a leading zero is there exactly where the number would read as negative without it
        if (content[0] >= 0x80)
        {
            return false;
        }

        if (content[0] == 0 && content.Length > 1)
        {
            content = content[1..];
            if (content[0] < 0x80)
            {
                return false;
            }
        }

        if (content.Length > 32)
        {
            return false;
        }

        Span<byte> padded = stackalloc byte[32];
        padded.Clear();
        content.CopyTo(padded[(32 - content.Length)..]);
        value = UInt256.ReadBigEndian(padded);
        return true;
    }
}
