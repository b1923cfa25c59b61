using Bitswap.Libp2p.Crypto;
using Bitswap.Tests.Shared;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Library = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>Holds keys and signatures against BouncyCastle's.</summary>
public sealed class SignatureOracleTests
{
    [Fact]
    public void Ed25519_makes_the_keys_and_signatures_of_the_library() => Seeded.Run(100, random =>
    {
        byte[] seed = random.Bytes(32), message = random.Bytes(random.Next(300));
        byte[] key = new byte[32], signature = new byte[64], libraryKey = new byte[32], librarySignature = new byte[64];
        Ed25519.PublicKey(seed, key);
        Ed25519.Sign(seed, message, signature);
        Library.GeneratePublicKey(seed, 0, libraryKey, 0);
        Library.Sign(seed, 0, message, 0, message.Length, librarySignature, 0);

        Assert.Equal(libraryKey, key);
        Assert.Equal(librarySignature, signature);
        Assert.True(Ed25519.Verify(key, message, signature));
        AssertRefused(PublicKey.FromEd25519(key), message, signature, random);
    });

    [Theory]
    [InlineData("ECDSA", "secp256k1", KeyType.Secp256k1, 60)]
    [InlineData("ECDSA", "P-256", KeyType.Ecdsa, 40)]
    [InlineData("RSA", "2048", KeyType.Rsa, 2)]
    public void Signatures_of_the_library_verify_and_others_do_not(string algorithm, string parameter, KeyType type, int times) => Seeded.Run(times, random =>
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
        byte[] data = type == KeyType.Secp256k1
            ? ((ECPublicKeyParameters)pair.Public).Q.GetEncoded(compressed: true)
            : SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(pair.Public).GetDerEncoded();
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
