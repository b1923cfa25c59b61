using System.Numerics;
using Bitswap.Libp2p.Crypto;
using Library = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Bitswap.Libp2p.Tests.Crypto;

public sealed class Ed25519Tests
{
    // RFC 8032 section 7.1, TEST 1024
    private const string Message1023 =
        "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f54e9f77b1" +
        "e355f6c50544e23fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d" +
        "658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc1a858efcb8550ee3a5e1998bd177e93a" +
        "7363c344fe6b199ee5d02e82d522c4feba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e" +
        "06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573cb116dbefefd75499da96bd68a8a97b928a8bbc10" +
        "3b6621fcde2beca1231d206be6cd9ec7aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed1" +
        "85ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d" +
        "502f1a8c6eb6f1ce22b3de1a1f40cc24554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f270" +
        "88d78b7e883c8759d2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089b" +
        "eccf80cfe2df16a2cf65bd92dd597b0707e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128ba" +
        "b27af87a71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969b" +
        "e3ea7082ff7fc9888c144da2af58429ec96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb7" +
        "51fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c42f58c30c04aafdb038dda0847dd988d" +
        "cda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34df" +
        "f7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08d78ff4ef5d63653a65040cf9bfd4aca7" +
        "984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e4" +
        "88acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a32ef5b52a1ecc820e308aa342721aac09" +
        "43bf6686b64b2579376504ccc493d97e6aed3fb0f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5f" +
        "b93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b50d334ba77c225bc307ba537152f3f161" +
        "0e4eafe595f6d9d90d11faa933a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380d" +
        "b2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef68d3a101e8a3b8ca" +
        "c60c905c15fc910840b94c00a0b9d0";

    // RFC 8032 section 7.1
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData(
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
        Message1023,
        "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350" +
        "aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void Keys_and_signatures_are_what_the_RFC_has(string seed, string publicKey, string message, string signature)
    {
        byte[] key = new byte[32];
        byte[] signed = new byte[64];
        Ed25519.PublicKey(Convert.FromHexString(seed), key);
        Assert.Equal(publicKey, Convert.ToHexStringLower(key));
        Ed25519.Sign(Convert.FromHexString(seed), Convert.FromHexString(message), signed);
        Assert.Equal(signature, Convert.ToHexStringLower(signed));
        Assert.True(Ed25519.Verify(key, Convert.FromHexString(message), signed));
    }

    // The twelve vectors of "Taming the many EdDSAs" (eprint.iacr.org/2020/1244, table 5). 0 and 1 have a key of small order; 4 and 5 hold with
    // the cofactor alone; S of 6 and 7 is not under L; R of 8 and 9 and the key of 10 and 11 are not canonical.
    [Theory]
    [InlineData(
        0,
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a" +
        "0000000000000000000000000000000000000000000000000000000000000000",
        false)]
    [InlineData(
        1,
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43" +
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        false)]
    [InlineData(
        2,
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa" +
        "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
        true)]
    [InlineData(
        3,
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f" +
        "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
        true)]
    [InlineData(
        4,
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512" +
        "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
        true)]
    [InlineData(
        5,
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7" +
        "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
        true)]
    [InlineData(
        6,
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e" +
        "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
        false)]
    [InlineData(
        7,
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942" +
        "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
        false)]
    [InlineData(
        8,
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" +
        "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
        false)]
    [InlineData(
        9,
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" +
        "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
        false)]
    [InlineData(
        10,
        "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc" +
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        false)]
    [InlineData(
        11,
        "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc" +
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        false)]
    public void The_published_corner_cases_end_as_the_RFC_has_them_without_keys_of_small_order(
        int number, string message, string publicKey, string signature, bool valid)
    {
        byte[][] bytes = [Convert.FromHexString(publicKey), Convert.FromHexString(message), Convert.FromHexString(signature)];
        Assert.True(valid == Ed25519.Verify(bytes[0], bytes[1], bytes[2]), $"vector {number}");
        Assert.Equal(valid, TextbookEd25519.Verify(bytes[0], bytes[1], bytes[2]));
    }

    [Fact]
    public void A_flipped_bit_anywhere_makes_a_signature_invalid()
    {
        byte[] seed = Enumerable.Range(0, 32).Select(i => (byte)(i * 7)).ToArray();
        byte[] message = "a message that was signed"u8.ToArray();
        byte[] key = new byte[32];
        byte[] signature = new byte[64];
        Ed25519.PublicKey(seed, key);
        Ed25519.Sign(seed, message, signature);
        foreach (byte[] part in new[] { key, message, signature })
        {
            for (int bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Ed25519.Verify(key, message, signature), $"bit {bit} of {part.Length} bytes");
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }

        Assert.True(Ed25519.Verify(key, message, signature));
    }

    [Fact]
    public void S_not_under_the_order_is_refused()
    {
        byte[] seed = new byte[32];
        byte[] key = new byte[32];
        byte[] signature = new byte[64];
        Ed25519.PublicKey(seed, key);
        Ed25519.Sign(seed, "m"u8, signature);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true);
        for (int times = 1; times <= 14; times++)
        {
            byte[] moved = [.. signature];
            byte[] sum = (s + (times * TextbookEd25519.Order)).ToByteArray(isUnsigned: true);
            sum.CopyTo(moved, 32);
            Assert.False(Ed25519.Verify(key, "m"u8, moved), $"S + {times} L");
        }
    }

    // y not under p, and x = 0 with the sign set: every encoding that RFC 8032 section 5.1.3 refuses though the point exists
    [Fact]
    public void Points_that_are_not_canonically_encoded_are_refused()
    {
        BigInteger p = TextbookEd25519.Prime;
        var refused = new List<byte[]>();
        for (int above = 0; above < 19; above++)
        {
            foreach (int sign in new[] { 0, 0x80 })
            {
                byte[] encoded = (p + above).ToByteArray(isUnsigned: true);
                encoded[31] |= (byte)sign;
                refused.Add(encoded);
            }
        }

        byte[] one = new byte[32];
        one[0] = 1;
        one[31] = 0x80;
        byte[] minusOne = (p - 1).ToByteArray(isUnsigned: true);
        minusOne[31] |= 0x80;
        refused.Add(one);
        refused.Add(minusOne);
        Assert.All(refused, encoded =>
        {
            Assert.Null(TextbookEd25519.Read(encoded));
            Assert.False(Library.ValidatePublicKeyPartial(encoded), Convert.ToHexStringLower(encoded));
        });
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000", 1)]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 2)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 4)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080", 4)]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", 8)]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", 8)]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", 8)]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", 8)]
    public void No_signature_is_valid_under_a_key_of_small_order(string encoded, int order)
    {
        // with R = B and S = 1 the equation holds for every message, whatever the key is: the cofactor takes [k]A away
        byte[] key = Convert.FromHexString(encoded);
        byte[] forged = [.. TextbookEd25519.Encode(TextbookEd25519.Base), .. TextbookEd25519.Write(1)];
        Assert.True((order * TextbookEd25519.Read(key)!.Value).IsIdentity);
        Assert.False(Ed25519.Verify(key, "m"u8, forged));
    }

    [Theory]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(0, 64)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    [InlineData(32, 0)]
    public void Keys_and_signatures_of_other_lengths_verify_nothing(int keyLength, int signatureLength)
    {
        byte[] key = new byte[33];
        byte[] signature = new byte[65];
        Ed25519.PublicKey(new byte[32], key);
        Ed25519.Sign(new byte[32], "m"u8, signature);
        Assert.True(Ed25519.Verify(key.AsSpan(0, 32), "m"u8, signature.AsSpan(0, 64)));
        Assert.False(Ed25519.Verify(key.AsSpan(0, keyLength), "m"u8, signature.AsSpan(0, signatureLength)));
    }

    [Fact]
    public void Seeds_and_results_of_other_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Ed25519.PublicKey(new byte[31], new byte[32]));
        Assert.Throws<ArgumentException>(() => Ed25519.PublicKey(new byte[32], new byte[31]));
        Assert.Throws<ArgumentException>(() => Ed25519.Sign(new byte[33], [], new byte[64]));
        Assert.Throws<ArgumentException>(() => Ed25519.Sign(new byte[32], [], new byte[63]));
    }
}
