using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Tests.Shared;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>
/// Holds keys and signatures against those that another makes: Ed25519 against whole numbers, secp256k1 against .NET's where the platform has the
/// curve, and P-256 and RSA, which are .NET's here, against BouncyCastle's.
/// </summary>
public sealed class SignatureOracleTests
{
    [Fact]
    public void Ed25519_makes_the_keys_and_signatures_of_the_RFC() => Seeded.Run(20, random =>
    {
        byte[] seed = random.Bytes(32), message = random.Bytes(random.Next(300));
        byte[] key = new byte[32], signature = new byte[64];
        Ed25519.PublicKey(seed, key);
        Ed25519.Sign(seed, message, signature);

        Assert.Equal(TextbookEd25519.PublicKey(seed), key);
        Assert.Equal(TextbookEd25519.Sign(seed, message), signature);
        Assert.True(Ed25519.Verify(key, message, signature));
        Assert.True(TextbookEd25519.Verify(key, message, signature));
        AssertRefused(PublicKey.FromEd25519(key), message, signature, random);
    });

    [Fact]
    public void Secp256k1_signatures_of_the_platform_verify_and_others_do_not() => Seeded.Run(60, random =>
    {
        ECDsa pair;
        try
        {
            pair = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        }
        catch (PlatformNotSupportedException e)
        {
            Assert.Skip($"the platform has no secp256k1: {e.Message}");
            return;
        }

        using (pair)
        {
            byte[] message = random.Bytes(random.Next(300));
            byte[] signature = pair.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            ECPoint q = pair.ExportParameters(includePrivateParameters: false).Q;
            PublicKey compressed = PublicKey.Decode(KeyEncoding.Encode(KeyType.Secp256k1, [(byte)(2 + (q.Y![31] & 1)), .. q.X!]));
            PublicKey whole = PublicKey.Decode(KeyEncoding.Encode(KeyType.Secp256k1, [4, .. q.X!, .. q.Y]));

            Assert.Equal(compressed, whole);
            Assert.True(compressed.Verify(message, signature));
            Assert.True(whole.Verify(message, signature));
            AssertRefused(compressed, message, signature, random);
        }
    });

    [Theory]
    [InlineData("ECDSA", "P-256", KeyType.Ecdsa, 40)]
    [InlineData("RSA", "2048", KeyType.Rsa, 2)]
    public void Signatures_of_BouncyCastle_verify_and_others_do_not(string algorithm, string parameter, KeyType type, int times) => Seeded.Run(times, random =>
    {
        SecureRandom source = SecureRandom.GetInstance("SHA256PRNG", autoSeed: false);
        source.SetSeed(random.Bytes(32));
        IAsymmetricCipherKeyPairGenerator generator = GeneratorUtilities.GetKeyPairGenerator(algorithm);
        generator.Init(algorithm == "RSA"
            ? new KeyGenerationParameters(source, int.Parse(parameter, null))
            : new ECKeyGenerationParameters(ECNamedCurveTable.GetOid(parameter), source));
        AsymmetricCipherKeyPair pair = generator.GenerateKeyPair();
        byte[] message = random.Bytes(random.Next(300));
        ISigner signer = SignerUtilities.InitSigner($"SHA-256with{algorithm}", forSigning: true, pair.Private, source);
        signer.BlockUpdate(message, 0, message.Length);
        byte[] signature = signer.GenerateSignature();
        byte[] data = SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(pair.Public).GetDerEncoded();
        PublicKey key = PublicKey.Decode(KeyEncoding.Encode(type, data));

        Assert.True(key.Verify(message, signature));
        AssertRefused(key, message, signature, random);
    });

    private static void AssertRefused(PublicKey key, byte[] message, byte[] signature, Random random)
    {
        Assert.False(key.Verify([.. message, 1], signature));
        byte[] changed = [.. signature];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        Assert.False(key.Verify(message, changed), Convert.ToHexStringLower(changed));
    }
}
