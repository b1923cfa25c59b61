using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Tests.Crypto;

public sealed class PublicKeyTests
{
    private static readonly byte[] _message = "what the key's owner signed"u8.ToArray();

    // the keys of the specs; their peer ids were made of the keys by hand (multihash, base58btc)
    [Theory]
    [InlineData(SpecKeys.Ed25519Public, KeyType.Ed25519, "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq")]
    [InlineData(SpecKeys.Secp256k1Public, KeyType.Secp256k1, "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY")]
    [InlineData(SpecKeys.EcdsaPublic, KeyType.Ecdsa, "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk")]
    [InlineData(SpecKeys.RsaPublic, KeyType.Rsa, "QmaeANgBs1DTSxWSrPPtobgQuxW8XTfsS4ydbK4rCHzqxG")]
    public void The_keys_of_the_specs_are_read_and_written_and_have_their_peer_id(string encoded, KeyType type, string peerId)
    {
        PublicKey key = PublicKey.Decode(Convert.FromHexString(encoded));
        Assert.Equal(type, key.Type);
        Assert.Equal(encoded, Convert.ToHexStringLower(key.Encode()));
        Assert.Equal(peerId, key.PeerId.ToString());
        Assert.Equal(peerId, key.ToString());
        Assert.Equal(encoded, Convert.ToHexStringLower(key.Encode()));
        Assert.EndsWith(Convert.ToHexStringLower(key.Data.Span), encoded, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SpecKeys.Ed25519Public)]
    [InlineData(SpecKeys.Secp256k1Public)]
    [InlineData(SpecKeys.EcdsaPublic)]
    [InlineData(SpecKeys.RsaPublic)]
    public void A_key_cut_short_or_followed_by_more_is_refused(string encoded)
    {
        byte[] whole = Convert.FromHexString(encoded);
        for (int length = 0; length < whole.Length; length++)
        {
            AssertInvalid(whole[..length]);
        }

        AssertInvalid([.. whole, 0]);
    }

    [Theory]
    [InlineData("08041220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")] // type 4
    [InlineData("0881001220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")] // type 1 in two bytes
    [InlineData("080112a000" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")] // length 32 in two bytes
    [InlineData("12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e" + "0801")] // data first
    [InlineData("08011220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e" + "1801")] // a third field
    [InlineData("1220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")] // no type
    [InlineData("0801121f" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2")] // 31 bytes
    [InlineData("08011221" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e00")] // 33 bytes
    [InlineData("08011280808080808080808001")] // a length that no varint may have
    [InlineData("080112ffffffffffffffff7f")] // a length of 2^63 - 1
    [InlineData("08011200")] // no data
    [InlineData("0802120100")] // secp256k1: the point at infinity
    [InlineData("08021221057777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99")] // a form that is none
    [InlineData("08021221020000000000000000000000000000000000000000000000000000000000000005")] // 5^3 + 7 is no square
    [InlineData("0802122103fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30")] // x = p + 1, which is on the curve mod p
    public void Malformed_keys_are_refused(string encoded) => AssertInvalid(Convert.FromHexString(encoded));

    [Fact]
    public void A_declared_length_over_the_bound_is_refused()
    {
        byte[] data = new byte[KeyEncoding.MaxDataLength + 1];
        AssertInvalid(KeyEncoding.Encode(KeyType.Rsa, data));
        Assert.Equal(KeyEncoding.MaxDataLength, KeyEncoding.Decode(KeyEncoding.Encode(KeyType.Rsa, data.AsSpan(1)), out _).Length);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2040)]
    [InlineData(8256)]
    public void An_RSA_key_of_another_size_is_refused(int bits) => AssertInvalid(RsaKey(bits, [1, 0, 1]));

    [Theory]
    [InlineData(2048)]
    [InlineData(3072)]
    [InlineData(8192)]
    public void An_RSA_key_of_2048_to_8192_bits_is_taken(int bits)
    {
        byte[] encoded = RsaKey(bits, [1, 0, 1]);
        Assert.Equal(encoded, PublicKey.Decode(encoded).Encode());
    }

    [Theory]
    [InlineData("01")]
    [InlineData("010000")]
    [InlineData("0080000001")]
    [InlineData("010000000000000001")]
    public void An_RSA_exponent_that_is_even_or_one_or_over_31_bits_is_refused(string exponent) =>
        AssertInvalid(RsaKey(2048, Convert.FromHexString(exponent)));

    [Fact]
    public void An_RSA_key_with_bytes_after_it_or_not_in_DER_is_refused()
    {
        ReadOnlyMemory<byte> data = PublicKey.Decode(RsaKey(2048, [1, 0, 1])).Data;
        AssertInvalid(KeyEncoding.Encode(KeyType.Rsa, [.. data.Span, 0]));
        byte[] indefinite = [0x30, 0x80, .. data.Span[4..], 0, 0];
        AssertInvalid(KeyEncoding.Encode(KeyType.Rsa, indefinite));
    }

    [Fact]
    public void An_RSA_signature_verifies_and_no_other_does()
    {
        using var rsa = RSA.Create();
        rsa.ImportRSAPrivateKey(PrivateData(SpecKeys.RsaPrivate), out _);
        byte[] signature = rsa.SignData(_message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        PublicKey key = PublicKey.Decode(Convert.FromHexString(SpecKeys.RsaPublic));
        AssertOnlyThisVerifies(key, signature);
        Assert.False(key.Verify(_message, rsa.SignData(_message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        Assert.False(key.Verify(_message, rsa.SignData(_message, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)));
        Assert.False(key.Verify(_message, [0, .. signature]));
    }

    [Fact]
    public void An_ECDSA_signature_verifies_and_no_other_does()
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportECPrivateKey(PrivateData(SpecKeys.EcdsaPrivate), out _);
        PublicKey key = PublicKey.Decode(Convert.FromHexString(SpecKeys.EcdsaPublic));
        AssertOnlyThisVerifies(key, ecdsa.SignData(_message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.False(key.Verify(_message, ecdsa.SignData(_message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)));
        Assert.False(key.Verify(_message, ecdsa.SignData(_message, HashAlgorithmName.SHA512, DSASignatureFormat.Rfc3279DerSequence)));
    }

    [Fact]
    public void An_ECDSA_key_of_another_curve_or_off_the_curve_is_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        AssertInvalid(KeyEncoding.Encode(KeyType.Ecdsa, p384.ExportSubjectPublicKeyInfo()));
        byte[] off = Convert.FromHexString(SpecKeys.EcdsaPublic);
        off[^1] ^= 1;
        AssertInvalid(off);
    }

    [Fact]
    public void Keys_are_equal_by_kind_and_bytes()
    {
        byte[] ed25519 = Convert.FromHexString(SpecKeys.Ed25519Public);
        PublicKey one = PublicKey.Decode(ed25519);
        PublicKey same = PublicKey.Decode(ed25519);
        PublicKey other = PublicKey.Decode(Convert.FromHexString(SpecKeys.Secp256k1Public));
        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, other);
        Assert.False(one.Equals(null));
        Assert.False(one.Equals((object)"12D3KooW"));
    }

    private static void AssertOnlyThisVerifies(PublicKey key, byte[] signature)
    {
        Assert.True(key.Verify(_message, signature));
        Assert.False(key.Verify([.. _message, 0], signature));
        Assert.False(key.Verify(_message, [.. signature, 0]));
        Assert.False(key.Verify(_message, []));
        for (int i = 0; i < signature.Length; i++)
        {
            Assert.False(key.Verify(_message, signature.AsSpan(0, i)), $"cut to {i}");
            byte[] changed = [.. signature];
            changed[i] ^= 1;
            Assert.False(key.Verify(_message, changed), $"byte {i} changed");
        }
    }

    private static void AssertInvalid(byte[] encoded)
    {
        Libp2pException error = Assert.Throws<Libp2pException>(() => PublicKey.Decode(encoded));
        Assert.Equal("InvalidKey", error.ErrorId);
    }

    /// <summary>The data of a private key: longer for RSA than any public key may be, so it is cut out here.</summary>
    private static byte[] PrivateData(string encoded)
    {
        byte[] bytes = Convert.FromHexString(encoded);
        int lengthBytes = bytes[3] < 0x80 ? 1 : 2;
        return bytes[(3 + lengthBytes)..];
    }

    /// <summary>A key whose modulus has the given length and no known factors: as far as decoding goes, a modulus is an odd number.</summary>
    private static byte[] RsaKey(int bits, byte[] exponent)
    {
        byte[] modulus = new byte[(bits / 8) + 1];
        new Random(bits).NextBytes(modulus.AsSpan(1));
        modulus[1] |= 0x80;
        modulus[^1] |= 1;
        byte[] key = Der(0x30, [.. Der(0x02, modulus), .. Der(0x02, exponent)]);
        byte[] algorithm = Der(0x30, [.. Der(0x06, Convert.FromHexString("2a864886f70d010101")), 0x05, 0x00]);
        return KeyEncoding.Encode(KeyType.Rsa, Der(0x30, [.. algorithm, .. Der(0x03, [0, .. key])]));
    }

    private static byte[] Der(byte tag, byte[] content) => content.Length switch
    {
        < 0x80 => [tag, (byte)content.Length, .. content],
        < 0x100 => [tag, 0x81, (byte)content.Length, .. content],
        _ => [tag, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content],
    };
}
