using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Libp2p.Security.Tls;
using PrivateKey = Bitswap.Libp2p.Crypto.PrivateKey;

namespace Bitswap.Libp2p.Tests.Security.Tls;

/// <summary>Makes certificates byte by byte, so that each may be wrong in one thing. What is not set is as it should be.</summary>
internal sealed record CertificateForge
{
    public static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public const string EcdsaSha256 = "1.2.840.10045.4.3.2";
    public const string RsaSha256 = "1.2.840.113549.1.1.11";

    public AsymmetricAlgorithm Key { get; init; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The key of the certificate's own signature, where it is not <see cref="Key"/>.</summary>
    public AsymmetricAlgorithm? Signer { get; init; }

    public PrivateKey Identity { get; init; } = PrivateKey.FromSeed([.. Enumerable.Repeat((byte)3, 32)]);

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    public string Algorithm { get; init; } = EcdsaSha256;

    /// <summary>The algorithm as the signed part names it, where it is not <see cref="Algorithm"/>.</summary>
    public string? InnerAlgorithm { get; init; }

    public DateTimeOffset NotBefore { get; init; } = Now.AddDays(-1);

    public DateTimeOffset NotAfter { get; init; } = Now.AddDays(1);

    public int Version { get; init; } = 2;

    public string Subject { get; init; } = "CN=forged";

    public string? Issuer { get; init; }

    /// <summary>A deprecated unique id with this number, 1 or 2.</summary>
    public int UniqueId { get; init; }

    public bool HasExtensions { get; init; } = true;

    /// <summary>What the extension holds, given its right content.</summary>
    public Func<byte[], byte[]> SignedKey { get; init; } = right => right;

    /// <summary>The extensions, given the libp2p one.</summary>
    public Func<X509Extension, X509Extension[]> Extensions { get; init; } = key => [key];

    public bool IsCritical { get; init; }

    /// <summary>What the identity key signs, given the certificate's key.</summary>
    public Func<byte[], byte[]> Vouched { get; init; } = key => [.. TlsConstants.SignaturePrefix, .. key];

    /// <summary>The identity key in the extension, where it is not <see cref="Identity"/>'s.</summary>
    public byte[]? IdentityKey { get; init; }

    public Func<byte[], byte[]>? SignIdentity { get; init; }

    public byte[] KeyInfo => Key switch
    {
        ECDsa ecdsa => ecdsa.ExportSubjectPublicKeyInfo(),
        _ => ((RSA)Key).ExportSubjectPublicKeyInfo(),
    };

    /// <summary>The certificate in DER.</summary>
    public byte[] ToBytes()
    {
        byte[] signed = Signed();
        byte[] signature = (Signer ?? Key) switch
        {
            ECDsa ecdsa => ecdsa.SignData(signed, Hash, DSASignatureFormat.Rfc3279DerSequence),
            AsymmetricAlgorithm rsa => ((RSA)rsa).SignData(signed, Hash, RSASignaturePadding.Pkcs1),
        };
        return Encode(writer =>
        {
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(signed);
                WriteAlgorithm(writer, Algorithm);
                writer.WriteBitString(signature);
            }
        });
    }

    /// <summary>The certificate with its key, for TLS.</summary>
    public X509Certificate2 ToCertificate()
    {
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(ToBytes());
        using X509Certificate2 keyed = Key is ECDsa ecdsa ? bare.CopyWithPrivateKey(ecdsa) : bare.CopyWithPrivateKey((RSA)Key);
        return X509CertificateLoader.LoadPkcs12(keyed.Export(X509ContentType.Pkcs12), null);
    }

    public static byte[] Encode(Action<AsnWriter> write)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    private byte[] Signed() => Encode(writer =>
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Tag(0)))
            {
                writer.WriteInteger(Version);
            }
            writer.WriteInteger(4711);
            WriteAlgorithm(writer, InnerAlgorithm ?? Algorithm);
            writer.WriteEncodedValue(new X500DistinguishedName(Issuer ?? Subject).RawData);
            using (writer.PushSequence())
            {
                WriteTime(writer, NotBefore);
                WriteTime(writer, NotAfter);
            }
            writer.WriteEncodedValue(new X500DistinguishedName(Subject).RawData);
            writer.WriteEncodedValue(KeyInfo);
            if (UniqueId > 0)
            {
                writer.WriteBitString([1, 2, 3], tag: Tag(UniqueId));
            }
            if (HasExtensions)
            {
                WriteExtensions(writer);
            }
        }
    });

    private void WriteExtensions(AsnWriter writer)
    {
        byte[] signature = SignIdentity?.Invoke(Vouched(KeyInfo)) ?? Identity.Sign(Vouched(KeyInfo));
        byte[] signedKey = Encode(key =>
        {
            using (key.PushSequence())
            {
                key.WriteOctetString(IdentityKey ?? Identity.PublicKey.Encode());
                key.WriteOctetString(signature);
            }
        });
        using (writer.PushSequence(Tag(3)))
        using (writer.PushSequence())
        {
            foreach (X509Extension extension in Extensions(new X509Extension(TlsConstants.KeyExtension, SignedKey(signedKey), IsCritical)))
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(extension.Oid!.Value!);
                    if (extension.Critical)
                    {
                        writer.WriteBoolean(true);
                    }
                    writer.WriteOctetString(extension.RawData);
                }
            }
        }
    }

    private static void WriteAlgorithm(AsnWriter writer, string algorithm)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(algorithm);
            if (algorithm.StartsWith("1.2.840.113549", StringComparison.Ordinal))
            {
                writer.WriteNull();
            }
        }
    }

    // RFC 5280 section 4.1.2.5
    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.Year < 2050)
        {
            writer.WriteUtcTime(time);
        }
        else
        {
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);
}
