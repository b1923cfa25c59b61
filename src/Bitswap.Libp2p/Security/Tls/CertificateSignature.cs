using System.Formats.Asn1;
using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>
/// Verifies that a certificate is signed by the key that it holds: ECDSA on the named curves P-256, P-384 and P-521, or RSA (PKCS #1 v1.5) of the sizes that identity keys have,
/// over SHA-256, SHA-384 or SHA-512.
/// </summary>
internal static class CertificateSignature
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    private static readonly string[] _curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    // RFC 5758 section 3.2, RFC 8017 appendix A.2.4
    private static readonly Dictionary<string, (string Key, HashAlgorithmName Hash)> _algorithms = new(StringComparer.Ordinal)
    {
        ["1.2.840.10045.4.3.2"] = (EcPublicKey, HashAlgorithmName.SHA256),
        ["1.2.840.10045.4.3.3"] = (EcPublicKey, HashAlgorithmName.SHA384),
        ["1.2.840.10045.4.3.4"] = (EcPublicKey, HashAlgorithmName.SHA512),
        ["1.2.840.113549.1.1.11"] = (RsaEncryption, HashAlgorithmName.SHA256),
        ["1.2.840.113549.1.1.12"] = (RsaEncryption, HashAlgorithmName.SHA384),
        ["1.2.840.113549.1.1.13"] = (RsaEncryption, HashAlgorithmName.SHA512),
    };

    /// <summary>Returns whether <paramref name="signature"/> over <paramref name="signed"/> is of this key.</summary>
    /// <param name="keyInfo">The key, a SubjectPublicKeyInfo in DER.</param>
    /// <param name="algorithm">The algorithm of the signature, an AlgorithmIdentifier in DER.</param>
    /// <param name="signed">What is signed.</param>
    /// <param name="signature">The signature.</param>
    /// <exception cref="Libp2pException">HandshakeFailed: a key or an algorithm that is not taken.</exception>
    public static bool IsValid(ReadOnlyMemory<byte> keyInfo, ReadOnlyMemory<byte> algorithm, ReadOnlyMemory<byte> signed, byte[] signature)
    {
        try
        {
            string name = new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier();
            (string keyKind, string? curve) = ReadKind(keyInfo);
            if (!_algorithms.TryGetValue(name, out (string Key, HashAlgorithmName Hash) known) || known.Key != keyKind)
            {
                throw PeerCertificate.Failed($"its certificate has a key ({keyKind}) and a signature ({name}) that are not taken here: ECDSA or RSA with SHA-2 are");
            }
            if (keyKind == RsaEncryption)
            {
                using RSA rsa = SubjectPublicKeys.ImportRsa(keyInfo.Span);
                return rsa.VerifyData(signed.Span, signature, known.Hash, RSASignaturePadding.Pkcs1);
            }
            if (!_curves.Contains(curve))
            {
                throw PeerCertificate.Failed("the key of its certificate is on no curve that is taken here: P-256, P-384 and P-521 are");
            }
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(keyInfo.Span, out _);
            return ecdsa.VerifyData(signed.Span, signature, known.Hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or Libp2pException { ErrorId: Libp2pErrorIds.InvalidKey })
        {
            throw PeerCertificate.Failed($"the key of its certificate is not usable: {e.Message}", e);
        }
    }

    // the curve is null where it is not named, as one is that the peer describes itself
    private static (string Key, string? Curve) ReadKind(ReadOnlyMemory<byte> keyInfo)
    {
        AsnReader algorithm = new AsnReader(keyInfo, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        string kind = algorithm.ReadObjectIdentifier();
        bool isNamed = algorithm.HasData && algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier);
        return (kind, isNamed ? algorithm.ReadObjectIdentifier() : null);
    }
}
