using System.Security.Cryptography;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class PeerIdTests
{
    // The public keys of the libp2p specs, peer-ids, section "Test vectors".
    private const string Ecdsa = "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4b"
        + "c901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

    private const string Ed25519 = "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private const string Secp256k1 = "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99";

    private const string Rsa = "080012a60430820222300d06092a864886f70d01010105000382020f003082020a0282020100e1beab071d08200bde24eef0"
        + "0d049449b07770ff9910257b2d7d5dda242ce8f0e2f12e1af4b32d9efd2c090f66b0f29986dbb645dae9880089704a94e506"
        + "6d594162ae6ee8892e6ec70701db0a6c445c04778eb3de1293aa1a23c3825b85c6620a2bc3f82f9b0c309bc0ab3aeb187328"
        + "2bebd3da03c33e76c21e9beb172fd44c9e43be32e2c99827033cf8d0f0c606f4579326c930eb4e854395ad941256542c7939"
        + "02185153c474bed109d6ff5141ebf9cd256cf58893a37f83729f97e7cb435ec679d2e33901d27bb35aa0d7e20561da08885e"
        + "f0abbf8e2fb48d6a5487047a9ecb1ad41fa7ed84f6e3e8ecd5d98b3982d2a901b4454991766da295ab78822add5612a2df83"
        + "bcee814cf50973e80d7ef38111b1bd87da2ae92438a2c8cbcc70b31ee319939a3b9c761dbc13b5c086d6b64bf7ae7dacc146"
        + "22375d92a8ff9af7eb962162bbddebf90acb32adb5e4e4029f1c96019949ecfbfeffd7ac1e3fbcc6b6168c34be3d5a2e5999"
        + "fcbb39bba7adbca78eab09b9bc39f7fa4b93411f4cc175e70c0a083e96bfaefb04a9580b4753c1738a6a760ae1afd851a1a4"
        + "bdad231cf56e9284d832483df215a46c1c21bdf0c6cfe951c18f1ee4078c79c13d63edb6e14feaeffabc90ad317e4875fe64"
        + "8101b0864097e998f0ca3025ef9638cd2b0caecd3770ab54a1d9c6ca959b0f5dcbc90caeefc4135baca6fd475224269bbe1b"
        + "0203010001";

    [Theory]
    [InlineData(Ed25519, "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", true)]
    [InlineData(Secp256k1, "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY", true)]
    [InlineData(Ecdsa, "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk", false)]
    [InlineData(Rsa, "QmaeANgBs1DTSxWSrPPtobgQuxW8XTfsS4ydbK4rCHzqxG", false)]
    public void Published_keys_of_every_type_have_their_peer_ids(string key, string text, bool inline)
    {
        byte[] encoded = Convert.FromHexString(key);

        PeerId peerId = PeerId.FromPublicKey(encoded);

        Assert.Equal(text, peerId.ToString());
        Assert.Equal(inline ? MultihashCode.Identity : MultihashCode.Sha256, peerId.Hash.Code);
        Assert.True(peerId.Hash.Digest.SequenceEqual(inline ? encoded : SHA256.HashData(encoded)));
        AssertReadsBack(peerId);
    }

    [Theory]
    [InlineData("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")]
    [InlineData("k2k4r8oqamigqdo6o7hsbfwd45y70oyynp98usk7zmyfrzpqxh1pohl7")]
    [InlineData("k51qzi5uqu5dhb6l8spkdx7yxafegfkee5by8h7lmjh2ehc2sgg34z7c15vzqs")]
    [InlineData("bafzaajaiaejcalj543iwv2d7pkjt7ykvefrkfu7qjfi6sduakhso4lay6abn2d5u")]
    public void Published_texts_are_read(string text) => AssertReadsBack(PeerId.Parse(text));

    [Fact]
    public void Both_text_forms_of_the_specification_are_one_peer()
    {
        Assert.Equal(
            "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
            PeerId.Parse("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe").ToString());
        Assert.Equal(
            "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",
            PeerId.Parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N").ToCid().ToString());
    }

    [Theory]
    [InlineData("", "the text is empty")]
    [InlineData("1", "cut short")]
    [InlineData("11", "in the key that it holds, it is not a type and data in this order")]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S0", "character '0' at position 51 is not one of base58btc")]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S", "its digest has 1055 bytes")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5", "one that begins with Qm has 46 characters, and this has 45")]
    [InlineData("QmxoHT6iViN5xAjoz1VZ553cL31U9F94ht3QvWR1FrEbZY", "its digest has")]
    [InlineData("k2jmtxwoe2phm1hbqp0e7nufqf6umvuu2e9qd7ana7h411a0haqj6i2z", "it is a CID of the codec")]
    [InlineData("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "it is a CID of the codec raw, and not libp2p-key")]
    [InlineData("/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", "neither base58btc of a peer id nor a CID")]
    [InlineData("?unknown", "neither base58btc of a peer id nor a CID")]
    [InlineData("f0172111400112233445566778899aabbccddeeff00112233", "neither a whole sha2-256 hash nor a public key")]
    [InlineData("f01721210000102030405060708090a0b0c0d0e0f", "neither a whole sha2-256 hash nor a public key")]
    [InlineData("f0172000400000000", "in the key that it holds, it is not a type and data")]
    public void Malformed_text_is_refused_with_its_cause(string text, string cause)
    {
        Assert.False(PeerId.TryParse(text, out PeerId? peerId));
        Assert.Null(peerId);
        Fails.With("InvalidPeerId", cause, () => PeerId.Parse(text));
    }

    [Fact]
    public void A_text_over_its_bound_is_refused()
    {
        Fails.With("InvalidPeerId", "more than 512 characters", () => PeerId.Parse(new string('1', PeerId.MaxTextLength + 1)));
        Assert.False(PeerId.TryParse(null, out _));
        Assert.Throws<ArgumentNullException>(() => PeerId.Parse(null!));
    }

    [Theory]
    [InlineData("", "it is not a type and data in this order")]
    [InlineData("0801", "it is not a type and data in this order")]
    [InlineData("1220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e" + "0801", "it is not a type and data in this order")]
    [InlineData("08041201ff", "there is no key type 4")]
    [InlineData("0801121fd1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "an Ed25519 key has 32 bytes, and not 31")]
    [InlineData("08021220d1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e00", "a secp256k1 key has 33 bytes, and not 32")]
    [InlineData(Ed25519 + "00", "its data has not the length that it says")]
    [InlineData("0800128300aabbcc", "its data has not the length that it says")]
    [InlineData("08001200", "its data is empty")]
    public void A_key_in_another_form_than_the_one_of_the_specification_is_refused(string key, string cause) =>
        Fails.With("InvalidPeerId", cause, () => PeerId.FromPublicKey(Convert.FromHexString(key)));

    [Fact]
    public void A_key_that_is_to_be_hashed_is_not_taken_inline()
    {
        byte[] key = [0x08, 0x00, 0x12, 39, .. new byte[39]];
        Assert.Equal(MultihashCode.Sha256, PeerId.FromPublicKey(key).Hash.Code);
        Assert.Equal(MultihashCode.Identity, PeerId.FromPublicKey([0x08, 0x00, 0x12, 38, .. new byte[38]]).Hash.Code);
        Fails.With("InvalidPeerId", "more than 42 bytes", () => PeerId.FromBytes([0, 43, .. key]));
        Assert.False(PeerId.TryFromBytes([0, 43, .. key], out _));
    }

    [Fact]
    public void Bytes_cut_short_or_with_bytes_behind_are_refused()
    {
        byte[] bytes = PeerId.FromPublicKey(Convert.FromHexString(Ed25519)).ToByteArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(PeerId.TryFromBytes(bytes.AsSpan(0, length), out _));
        }

        Fails.With("InvalidPeerId", "1 bytes follow it", () => PeerId.FromBytes([.. bytes, 0]));
    }

    [Fact]
    public void Order_is_bytewise_and_null_comes_first()
    {
        PeerId a = PeerId.FromPublicKey(Convert.FromHexString(Ed25519));
        PeerId b = PeerId.FromPublicKey(Convert.FromHexString(Rsa));
        PeerId? none = null;

        Assert.True(a.CompareTo(b) < 0 && b.CompareTo(a) > 0 && a.CompareTo(none) > 0 && ((IComparable)a).CompareTo(b) < 0);
        Assert.True(a != b && a == PeerId.Parse(a.ToString()) && none == null && none != a);
        Assert.Throws<ArgumentException>(() => ((IComparable)a).CompareTo(1));
    }

    [Fact]
    public void Random_changes_never_throw_from_the_try_methods() => Seeded.Run(10_000, random =>
    {
        PeerId peerId = PeerId.FromPublicKey([0x08, 0x01, 0x12, 0x20, .. random.Bytes(32)]);
        char[] text = (random.Next(2) == 0 ? peerId.ToString() : peerId.ToCid().ToString((MultibaseEncoding)random.Next(24))).ToCharArray();
        Assert.Equal(peerId, PeerId.Parse(text));
        text[random.Next(text.Length)] = (char)random.Next(0x180);
        if (PeerId.TryParse(text, out PeerId? read))
        {
            AssertReadsBack(read);
        }

        byte[] bytes = peerId.ToByteArray();
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        if (PeerId.TryFromBytes(bytes, out read))
        {
            AssertReadsBack(read);
        }
    });

    private static void AssertReadsBack(PeerId peerId)
    {
        Assert.Equal(peerId, PeerId.Parse(peerId.ToString()));
        Assert.Equal(peerId, PeerId.FromBytes(peerId.Bytes));
        Assert.Equal(Multicodec.Libp2pKey, peerId.ToCid().Codec);
        Assert.Equal(peerId.GetHashCode(), PeerId.FromBytes(peerId.Bytes).GetHashCode());
        foreach (MultibaseEncoding encoding in new[] { MultibaseEncoding.Base32, MultibaseEncoding.Base36, MultibaseEncoding.Base58Btc, MultibaseEncoding.Base16 })
        {
            Assert.Equal(peerId, PeerId.Parse(peerId.ToCid().ToString(encoding)));
        }
    }
}
