using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// Represents a public key of ECDSA over secp256k1 and SHA-256 (SEC 1 section 4.1.4), as BouncyCastle verifies it: .NET has the curve on some platforms
/// only. Immutable, safe from any thread.
/// </summary>
internal sealed class Secp256k1Key
{
    private const int CoordinateLength = 32;

    private static readonly ECDomainParameters _curve = new(CustomNamedCurves.GetByName("secp256k1"));

    private readonly ECPublicKeyParameters _key;

    private Secp256k1Key(ECPublicKeyParameters key) => _key = key;

    /// <summary>Decodes 33 bytes (02 or 03, x) or 65 bytes (04, x, y) of SEC 1 section 2.3.4, coordinates under p, on the curve.</summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out Secp256k1Key? key)
    {
        key = null;
        bool known = encoded.Length switch
        {
            1 + CoordinateLength => encoded[0] is 2 or 3,
            1 + (2 * CoordinateLength) => encoded[0] is 4,
            _ => false,
        };
        if (!known)
        {
            return false;
        }

        try
        {
            key = new Secp256k1Key(new ECPublicKeyParameters(_curve.Curve.DecodePoint(encoded), _curve));
            return true;
        }
        catch (ArgumentException)
        {
            // what the library says of a coordinate over p and of a point beside the curve
            return false;
        }
    }

    /// <summary>Returns the compressed form, 33 bytes.</summary>
    public byte[] Compress() => _key.Q.GetEncoded(compressed: true);

    /// <summary>Returns whether a DER signature is the key's. A high s is valid, as it is in go-libp2p.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> numbers = stackalloc byte[2 * EcdsaSignature.NumberLength];
        if (!EcdsaSignature.TryRead(signature, numbers))
        {
            return false;
        }

        var verifier = new ECDsaSigner();
        verifier.Init(forSigning: false, _key);
        return verifier.VerifySignature(
            SHA256.HashData(message),
            new BigInteger(1, numbers[..EcdsaSignature.NumberLength]),
            new BigInteger(1, numbers[EcdsaSignature.NumberLength..]));
    }
}

/// <summary>Reads the strict DER form of an ECDSA signature over 256-bit curves: SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 section 2.2.3).</summary>
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
