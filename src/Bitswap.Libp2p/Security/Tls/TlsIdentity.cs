using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>
/// Represents what a host proves itself with in TLS: a self-signed certificate of a key that is made for it, in which the identity key vouches for that key
/// (libp2p specs, tls/tls.md, "Peer Authentication"). One serves all connections of a host. Safe from any thread.
/// </summary>
internal sealed class TlsIdentity : IDisposable
{
    // the dates that the specification's own certificates have: an end that no host sees, and nothing about when this one started
    private static readonly DateTimeOffset _notBefore = new(1975, 1, 1, 13, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _notAfter = new(4096, 1, 1, 13, 0, 0, TimeSpan.Zero);

    private TlsIdentity(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>Gets the certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Gets it as a listener presents it: alone.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Makes a key on P-256 and a certificate of it for <paramref name="identity"/>.</summary>
    public static TlsIdentity Create(PrivateKey identity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=libp2p", key, HashAlgorithmName.SHA256);
        byte[] signature = identity.Sign([.. TlsConstants.SignaturePrefix, .. key.ExportSubjectPublicKeyInfo()]);
        request.CertificateExtensions.Add(new X509Extension(TlsConstants.KeyExtension, SignedKey(identity.PublicKey.Encode(), signature), critical: true));
        using X509Certificate2 made = request.CreateSelfSigned(_notBefore, _notAfter);
        // TLS on Windows takes no key that only this process has seen
        byte[] container = made.Export(X509ContentType.Pkcs12);
        try
        {
            return new TlsIdentity(X509CertificateLoader.LoadPkcs12(container, password: null));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(container);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    private static byte[] SignedKey(byte[] publicKey, byte[] signature)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(publicKey);
            writer.WriteOctetString(signature);
        }
        return writer.Encode();
    }
}
