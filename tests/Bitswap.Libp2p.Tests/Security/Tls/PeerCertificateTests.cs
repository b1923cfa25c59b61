using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Tls;
using Bitswap.Libp2p.Tests.Crypto;
using PrivateKey = Bitswap.Libp2p.Crypto.PrivateKey;
using PublicKey = Bitswap.Libp2p.Crypto.PublicKey;

namespace Bitswap.Libp2p.Tests.Security.Tls;

/// <summary>Which certificates prove an identity, and which do not and why.</summary>
public sealed class PeerCertificateTests
{
    [Theory]
    [InlineData(SpecCertificates.Ed25519, SpecCertificates.Ed25519PeerId)]
    [InlineData(SpecCertificates.Ecdsa, SpecCertificates.EcdsaPeerId)]
    [InlineData(SpecCertificates.Secp256k1, SpecCertificates.Secp256k1PeerId)]
    public void The_certificates_of_the_specification_prove_their_peers(string certificate, string peer) =>
        Assert.Equal(peer, PeerCertificate.Verify(Convert.FromHexString(certificate), DateTimeOffset.UtcNow).PeerId.ToString());

    [Fact]
    public void The_invalid_certificate_of_the_specification_proves_no_peer() =>
        Refused(Convert.FromHexString(SpecCertificates.Forged), "did not sign the key of its certificate");

    [Fact]
    public void A_certificate_made_here_proves_who_made_it()
    {
        var identity = PrivateKey.Generate();
        using TlsIdentity made = TlsIdentity.Create(identity);
        Assert.Equal(identity.PublicKey, PeerCertificate.Verify(made.Certificate.RawData, DateTimeOffset.UtcNow));
        Assert.True(made.Certificate.HasPrivateKey);
        Assert.True(Assert.Single(made.Certificate.Extensions).Critical);
    }

    [Fact]
    public void Each_certificate_has_a_key_of_its_own_and_says_nothing_of_when_it_was_made()
    {
        var identity = PrivateKey.Generate();
        using TlsIdentity one = TlsIdentity.Create(identity);
        using TlsIdentity other = TlsIdentity.Create(identity);
        Assert.NotEqual(one.Certificate.GetPublicKey(), other.Certificate.GetPublicKey());
        Assert.Equal((one.Certificate.NotBefore, one.Certificate.NotAfter), (other.Certificate.NotBefore, other.Certificate.NotAfter));
        Assert.Equal(1975, one.Certificate.NotBefore.ToUniversalTime().Year);
    }

    [Fact]
    public void An_RSA_identity_proves_itself_and_one_that_is_too_small_does_not()
    {
        foreach ((int bits, bool taken) in ((int, bool)[])[(2048, true), (1024, false)])
        {
            using var rsa = RSA.Create(bits);
            byte[] info = rsa.ExportSubjectPublicKeyInfo();
            byte[] key = Bitswap.Libp2p.Crypto.KeyEncoding.Encode(Bitswap.Libp2p.Crypto.KeyType.Rsa, info);
            CertificateForge forge = new() { IdentityKey = key, SignIdentity = message => rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) };
            if (taken)
            {
                Assert.Equal(PublicKey.Decode(key), Verify(forge));
            }
            else
            {
                Refused(forge, "must have 2048 to 8192 bits");
            }
        }
    }

    [Fact]
    public void A_certificate_of_a_large_RSA_identity_is_not_too_long()
    {
        byte[] key = Convert.FromHexString(SpecKeys.RsaPublic);
        using var rsa = RSA.Create();
        // behind the type, and the tag and the length of the data
        rsa.ImportRSAPrivateKey(Convert.FromHexString(SpecKeys.RsaPrivate).AsSpan(5), out _);
        Assert.Equal(
            PublicKey.Decode(key),
            Verify(new CertificateForge { IdentityKey = key, SignIdentity = message => rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) }));
    }

    [Theory]
    [InlineData(0, -1, "is valid from")]
    [InlineData(0, 0, null)]
    [InlineData(60, 0, null)]
    [InlineData(60, 1, "was valid until")]
    public void A_certificate_is_valid_between_its_dates(int minutes, int seconds, string? refusal)
    {
        CertificateForge forge = new() { NotBefore = CertificateForge.Now, NotAfter = CertificateForge.Now.AddHours(1) };
        DateTimeOffset at = CertificateForge.Now.AddMinutes(minutes).AddSeconds(seconds);
        if (refusal is null)
        {
            Assert.Equal(forge.Identity.PublicKey, PeerCertificate.Verify(forge.ToBytes(), at));
        }
        else
        {
            Refused(forge.ToBytes(), refusal, at);
        }
    }

    [Fact]
    public void Dates_of_either_form_are_read()
    {
        DateTimeOffset late = new(2300, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Refused(new CertificateForge { NotBefore = late, NotAfter = late.AddYears(1) }, "is valid from 2300-01-01 00:00:00 UTC on");
        Assert.NotNull(Verify(new CertificateForge { NotAfter = late }));
    }

    [Fact]
    public void A_signature_of_another_key_is_none()
    {
        Refused(new CertificateForge { Signer = ECDsa.Create(ECCurve.NamedCurves.nistP256) }, "is not signed by its own key");
        Refused(new CertificateForge { Key = RSA.Create(2048), Signer = RSA.Create(2048), Algorithm = CertificateForge.RsaSha256 }, "is not signed by its own key");
    }

    [Fact]
    public void Any_changed_byte_makes_it_worthless()
    {
        byte[] certificate = Convert.FromHexString(SpecCertificates.Ed25519);
        for (int at = 0; at < certificate.Length; at++)
        {
            byte[] changed = [.. certificate];
            changed[at] ^= 1;
            Refused(changed, "");
        }
    }

    [Fact]
    public void A_certificate_cut_off_anywhere_or_with_more_behind_it_is_malformed()
    {
        byte[] certificate = Convert.FromHexString(SpecCertificates.Ed25519);
        for (int length = 0; length < certificate.Length; length++)
        {
            Refused(certificate[..length], "malformed");
        }
        Refused([.. certificate, 0], "malformed");
    }

    [Fact]
    public void One_that_is_longer_than_any_is_not_read()
    {
        X509Extension filler = new("1.2.3.4", new byte[PeerCertificate.MaxLength - 600], critical: false);
        Assert.NotNull(Verify(new CertificateForge { Extensions = key => [key, filler] }));
        X509Extension more = new("1.2.3.4", new byte[PeerCertificate.MaxLength], critical: false);
        Refused(new CertificateForge { Extensions = key => [key, more] }, $"more than {PeerCertificate.MaxLength}");
    }

    [Fact]
    public void The_extension_may_be_critical_or_not_and_stand_anywhere_but_must_be_there_once()
    {
        X509Extension other = new("1.2.3.4", [1], critical: false);
        Assert.NotNull(Verify(new CertificateForge { IsCritical = true }));
        Assert.NotNull(Verify(new CertificateForge { Extensions = key => [other, key, other] }));
        Refused(new CertificateForge { Extensions = _ => [other] }, "no libp2p public key extension");
        Refused(new CertificateForge { Extensions = _ => [] }, "no libp2p public key extension");
        Refused(new CertificateForge { HasExtensions = false }, "no extensions");
        Refused(new CertificateForge { Extensions = key => [key, key] }, "two libp2p public key extensions");
    }

    [Theory]
    [InlineData("1.2.3.4")]
    [InlineData("2.5.29.19")]
    public void A_critical_extension_that_is_not_known_is_refused(string id)
    {
        Refused(new CertificateForge { Extensions = key => [key, new X509Extension(id, [5, 0], critical: true)] }, id);
        Refused(new CertificateForge { Extensions = key => [new X509Extension(id, [5, 0], critical: true), key] }, id);
        Assert.NotNull(Verify(new CertificateForge { Extensions = key => [key, new X509Extension(id, [5, 0], critical: false)] }));
    }

    [Fact]
    public void An_identity_that_vouches_for_something_else_vouches_for_nothing()
    {
        var other = PrivateKey.Generate();
        const string Refusal = "did not sign the key of its certificate";
        Refused(new CertificateForge { SignIdentity = message => other.Sign(message) }, Refusal);
        Refused(new CertificateForge { IdentityKey = other.PublicKey.Encode() }, Refusal);
        Refused(new CertificateForge { Vouched = key => key }, Refusal);
        Refused(new CertificateForge { Vouched = key => [.. "noise-libp2p-static-key:"u8, .. key] }, Refusal);
        Refused(new CertificateForge { Vouched = _ => [.. TlsConstants.SignaturePrefix, .. new CertificateForge().KeyInfo] }, Refusal);
        Refused(new CertificateForge { SignIdentity = _ => [] }, Refusal);
    }

    [Fact]
    public void What_the_extension_holds_is_read_to_the_byte()
    {
        Refused(new CertificateForge { SignedKey = _ => [] }, "malformed");
        Refused(new CertificateForge { SignedKey = right => right[..^1] }, "malformed");
        Refused(new CertificateForge { SignedKey = right => [.. right, 0] }, "malformed");
        Refused(new CertificateForge { SignedKey = right => Inside(right, inner => [.. inner, 5, 0]) }, "malformed");
        Refused(new CertificateForge { SignedKey = right => Inside(right, inner => inner[..38]) }, "malformed");
        Refused(new CertificateForge { IdentityKey = [] }, "its identity key is not usable");
        Refused(new CertificateForge { IdentityKey = [8, 9, 18, 1, 1] }, "its identity key is not usable");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Deprecated_unique_ids_are_refused(int id) => Refused(new CertificateForge { UniqueId = id }, "has a unique id");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Another_version_than_the_third_is_refused(int version) => Refused(new CertificateForge { Version = version }, "not of X.509 version 3");

    [Fact]
    public void Keys_on_the_curves_of_NIST_and_RSA_keys_are_taken_with_any_SHA2()
    {
        (string Id, HashAlgorithmName Hash)[] ecdsa =
            [(CertificateForge.EcdsaSha256, HashAlgorithmName.SHA256), ("1.2.840.10045.4.3.3", HashAlgorithmName.SHA384), ("1.2.840.10045.4.3.4", HashAlgorithmName.SHA512)];
        foreach (ECCurve curve in (ECCurve[])[ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521])
        {
            Assert.All(ecdsa, algorithm => Assert.NotNull(Verify(new CertificateForge { Key = ECDsa.Create(curve), Algorithm = algorithm.Id, Hash = algorithm.Hash })));
        }
        (string Id, HashAlgorithmName Hash)[] rsa =
            [(CertificateForge.RsaSha256, HashAlgorithmName.SHA256), ("1.2.840.113549.1.1.12", HashAlgorithmName.SHA384), ("1.2.840.113549.1.1.13", HashAlgorithmName.SHA512)];
        var key = RSA.Create(2048);
        Assert.All(rsa, algorithm => Assert.NotNull(Verify(new CertificateForge { Key = key, Algorithm = algorithm.Id, Hash = algorithm.Hash })));
    }

    [Fact]
    public void Other_keys_and_algorithms_are_refused()
    {
        // SHA-1, RSASSA-PSS, Ed25519
        foreach (string algorithm in (string[])["1.2.840.10045.4.1", "1.2.840.113549.1.1.10", "1.3.101.112"])
        {
            Refused(new CertificateForge { Algorithm = algorithm }, "not taken here");
        }
        Refused(new CertificateForge { Algorithm = CertificateForge.RsaSha256 }, "not taken here");
        Refused(new CertificateForge { Key = RSA.Create(2048) }, "not taken here");
        Refused(new CertificateForge { Key = RSA.Create(1024), Algorithm = CertificateForge.RsaSha256 }, "must have 2048 to 8192 bits");
        Refused(new CertificateForge { Key = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1")) }, "on no curve that is taken here");
        Refused(new CertificateForge { Key = ECDsa.Create(Explicit()) }, "on no curve that is taken here");
        Refused(new CertificateForge { InnerAlgorithm = "1.2.840.10045.4.3.3" }, "names two signature algorithms");
    }

    // P-256, described and not named
    private static ECCurve Explicit()
    {
        using var named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return named.ExportExplicitParameters(includePrivateParameters: false).Curve;
    }

    private static byte[] Inside(byte[] sequence, Func<byte[], byte[]> change) => CertificateForge.Encode(writer =>
    {
        using (writer.PushSequence())
        {
            byte[] inner = change(sequence[2..]);
            for (int at = 0; at < inner.Length; at += 2 + inner[at + 1])
            {
                writer.WriteEncodedValue(inner.AsSpan(at, 2 + inner[at + 1]));
            }
        }
    });

    private static PublicKey Verify(CertificateForge forge) => PeerCertificate.Verify(forge.ToBytes(), CertificateForge.Now);

    private static void Refused(CertificateForge forge, string why) => Refused(forge.ToBytes(), why);

    private static void Refused(byte[] certificate, string why, DateTimeOffset? at = null)
    {
        Libp2pException error = Assert.Throws<Libp2pException>(() => PeerCertificate.Verify(certificate, at ?? CertificateForge.Now));
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
