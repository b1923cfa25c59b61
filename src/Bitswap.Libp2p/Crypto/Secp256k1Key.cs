using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// A public key of ECDSA over secp256k1 and SHA-256 (SEC 1 section 4.1.4), as BouncyCastle verifies it: .NET has the curve on some platforms
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

    /// <summary>The compressed form, 33 bytes.</summary>
    public byte[] Compress() => _key.Q.GetEncoded(compressed: true);

    /// <summary>Whether a DER signature is the key's. A high s is valid, as it is in go-libp2p.</summary>
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
