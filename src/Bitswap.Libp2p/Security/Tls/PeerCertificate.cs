using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>
/// Verifies the certificate by which a peer proves its identity (libp2p specs, tls/tls.md, "Peer Authentication"). It is read here and not by the platform, so that all
/// systems take the same certificates. TLS itself has proven by then that the peer holds the certificate's key.
/// </summary>
internal static class PeerCertificate
{
    /// <summary>The longest certificate that is looked at, in bytes: one with RSA keys of 8192 bits takes about 5000.</summary>
    public const int MaxLength = 16 * 1024;

    // X.509 version 3, the only one with extensions, is written as 2
    private const int Version3 = 2;

    /// <summary>Returns the identity key that a certificate proves.</summary>
    /// <param name="certificate">The certificate in DER.</param>
    /// <param name="now">The time at which it has to be valid.</param>
    /// <exception cref="Libp2pException">HandshakeFailed: it proves none.</exception>
    public static PublicKey Verify(ReadOnlyMemory<byte> certificate, DateTimeOffset now)
    {
        if (certificate.Length > MaxLength)
        {
            throw Failed($"its certificate has {certificate.Length} bytes, more than {MaxLength}");
        }
        Fields fields;
        try
        {
            fields = Read(certificate);
        }
        catch (AsnContentException e)
        {
            throw Failed($"its certificate is malformed: {e.Message}", e);
        }
        if (now < fields.NotBefore)
        {
            throw Failed($"its certificate is valid from {Text(fields.NotBefore)} on, and it is {Text(now)} here");
        }
        if (now > fields.NotAfter)
        {
            throw Failed($"its certificate was valid until {Text(fields.NotAfter)}, and it is {Text(now)} here");
        }
        if (!CertificateSignature.IsValid(fields.KeyInfo, fields.Algorithm, fields.Signed, fields.Signature))
        {
            throw Failed("its certificate is not signed by its own key");
        }
        PublicKey key;
        try
        {
            key = PublicKey.Decode(fields.IdentityKey);
        }
        catch (Exception e) when (e is Libp2pException or FormatException or CryptographicException)
        {
            throw Failed($"its identity key is not usable: {e.Message}", e);
        }
        return key.Verify([.. TlsConstants.SignaturePrefix, .. fields.KeyInfo.Span], fields.IdentitySignature)
            ? key
            : throw Failed("its identity key did not sign the key of its certificate");
    }

    /// <summary>Returns the error of a peer that does not prove its identity.</summary>
    public static Libp2pException Failed(string what, Exception? cause = null) =>
        new(Libp2pErrorIds.HandshakeFailed, $"The TLS handshake failed at the other side's identity: {what}.", cause);

    // RFC 5280 section 4.1; the names and the serial number say nothing here
    private static Fields Read(ReadOnlyMemory<byte> certificate)
    {
        AsnReader whole = new(certificate, AsnEncodingRules.DER);
        AsnReader outer = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        Fields fields = new() { Signed = outer.PeekEncodedValue() };
        AsnReader signed = outer.ReadSequence();
        fields.Algorithm = outer.ReadEncodedValue();
        fields.Signature = outer.ReadBitString(out _);
        outer.ThrowIfNotEmpty();

        AsnReader version = signed.ReadSequence(Tag(0));
        if (!version.TryReadInt32(out int number) || number != Version3)
        {
            throw Failed("its certificate is not of X.509 version 3");
        }
        version.ThrowIfNotEmpty();
        signed.ReadIntegerBytes();
        if (!signed.ReadEncodedValue().Span.SequenceEqual(fields.Algorithm.Span))
        {
            throw Failed("its certificate names two signature algorithms");
        }
        signed.ReadSequence();
        AsnReader validity = signed.ReadSequence();
        fields.NotBefore = ReadTime(validity);
        fields.NotAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        signed.ReadSequence();
        fields.KeyInfo = signed.ReadEncodedValue();
        if (!signed.HasData || !signed.PeekTag().HasSameClassAndValue(Tag(3)))
        {
            // the deprecated issuerUniqueId and subjectUniqueId stand here
            throw Failed(signed.HasData ? "its certificate has a unique id, which the specification forbids" : "its certificate has no extensions");
        }
        ReadExtensions(signed.ReadSequence(Tag(3)), fields);
        signed.ThrowIfNotEmpty();
        return fields;
    }

    private static void ReadExtensions(AsnReader wrapped, Fields fields)
    {
        AsnReader extensions = wrapped.ReadSequence();
        wrapped.ThrowIfNotEmpty();
        bool found = false;
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string id = extension.ReadObjectIdentifier();
            bool isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            byte[] value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (id == TlsConstants.KeyExtension)
            {
                if (found)
                {
                    throw Failed("its certificate has two libp2p public key extensions");
                }
                found = true;
                ReadSignedKey(value, fields);
            }
            else if (isCritical)
            {
                throw Failed($"its certificate has a critical extension that is not known here ({id})");
            }
        }
        if (!found)
        {
            throw Failed("its certificate has no libp2p public key extension");
        }
    }

    private static void ReadSignedKey(byte[] value, Fields fields)
    {
        AsnReader whole = new(value, AsnEncodingRules.DER);
        AsnReader signedKey = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        fields.IdentityKey = signedKey.ReadOctetString();
        fields.IdentitySignature = signedKey.ReadOctetString();
        signedKey.ThrowIfNotEmpty();
    }

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private sealed class Fields
    {
        /// <summary>What the certificate's signature is over.</summary>
        public ReadOnlyMemory<byte> Signed { get; init; }

        public ReadOnlyMemory<byte> Algorithm { get; set; }

        public byte[] Signature { get; set; } = [];

        public DateTimeOffset NotBefore { get; set; }

        public DateTimeOffset NotAfter { get; set; }

        /// <summary>The certificate's own key.</summary>
        public ReadOnlyMemory<byte> KeyInfo { get; set; }

        public byte[] IdentityKey { get; set; } = [];

        public byte[] IdentitySignature { get; set; } = [];
    }
}
