using System.Numerics;
using System.Security.Cryptography;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// Reads the DER SubjectPublicKeyInfo of RSA and ECDSA keys (RFC 5280 section 4.1) into the BCL. Only the DER form is taken: the identity is a
/// hash of these bytes, so a key must not have two.
/// </summary>
internal static class SubjectPublicKeys
{
    /// <summary>The bounds that go-libp2p has on RSA moduli, in bits.</summary>
    public const int MinRsaBits = 2048;

    /// <inheritdoc cref="MinRsaBits"/>
    public const int MaxRsaBits = 8192;

    // bounds the time a verification takes; Go has the same bound
    private const int MaxExponentBits = 31;

    private const int CoordinateLength = 32;

    /// <summary>Gets an id-ecPublicKey on the named curve prime256v1 (RFC 5480 section 2.1), up to the coordinates of the uncompressed point.</summary>
    private static ReadOnlySpan<byte> P256Prefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
        0x03, 0x42, 0x00, 0x04,
    ];

    /// <exception cref="Libp2pException">InvalidKey.</exception>
    public static ECDsa ImportEcdsa(ReadOnlySpan<byte> info)
    {
        if (info.Length != P256Prefix.Length + (2 * CoordinateLength) || !info.StartsWith(P256Prefix))
        {
            throw KeyEncoding.Invalid("an ECDSA key must be an uncompressed point of the named curve P-256");
        }

        ReadOnlySpan<byte> point = info[P256Prefix.Length..];
        var parameters = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[..CoordinateLength].ToArray(), Y = point[CoordinateLength..].ToArray() },
        };
        try
        {
            return ECDsa.Create(parameters);
        }
        catch (CryptographicException e)
        {
            throw KeyEncoding.Invalid("it is no point of P-256", e);
        }
    }

    /// <exception cref="Libp2pException">InvalidKey.</exception>
    public static RSA ImportRsa(ReadOnlySpan<byte> info)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(info, out int read);
            if (read != info.Length || !info.SequenceEqual(rsa.ExportSubjectPublicKeyInfo()))
            {
                throw KeyEncoding.Invalid("it is no DER form of an RSA key");
            }

            if (rsa.KeySize is < MinRsaBits or > MaxRsaBits)
            {
                throw KeyEncoding.Invalid($"an RSA key must have {MinRsaBits} to {MaxRsaBits} bits, not {rsa.KeySize}");
            }

            var exponent = new BigInteger(rsa.ExportParameters(includePrivateParameters: false).Exponent, isUnsigned: true, isBigEndian: true);
            if (exponent.IsEven || exponent < 3 || exponent.GetBitLength() > MaxExponentBits)
            {
                throw KeyEncoding.Invalid($"an RSA exponent must be odd, at least 3 and have at most {MaxExponentBits} bits");
            }

            return rsa;
        }
        catch (CryptographicException e)
        {
            rsa.Dispose();
            throw KeyEncoding.Invalid("it is no RSA key", e);
        }
        catch (Libp2pException)
        {
            rsa.Dispose();
            throw;
        }
    }
}
