using System.Security.Cryptography;
using System.Text;
using Bitswap.Multiformats.Hashing;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests.Hashing;

public sealed class KeccakTests
{
    // around the four rates 144, 136, 104 and 72, once and twice
    private static readonly int[] _lengths = [0, 1, 71, 72, 73, 103, 104, 105, 135, 136, 137, 143, 144, 145, 271, 272, 273, 1000];

    // NIST's examples with intermediate values: the empty message, "abc", and 1600 bits of a3
    [Theory]
    [InlineData("", 28, "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7")]
    [InlineData("", 32, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")]
    [InlineData("", 48, "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004")]
    [InlineData("", 64, "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26")]
    [InlineData("abc", 28, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf")]
    [InlineData("abc", 32, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    [InlineData("abc", 48, "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25")]
    [InlineData("abc", 64, "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0")]
    [InlineData("a3", 28, "9376816aba503f72f96ce7eb65ac095deee3be4bf9bbc2a1cb7e11e0")]
    [InlineData("a3", 32, "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787")]
    [InlineData("a3", 48, "1881de2ca7e41ef95dc4732b8f5f002b189cc1e42b74168ed1732649ce1dbcdd76197a31fd55ee989f2d7050dd473e8f")]
    [InlineData("a3", 64, "e76dfad22084a8b1467fcf2ffa58361bec7628edf5f3fdc0e4805dc48caeeca81b7c13c30adf52a3659584739a2df46be589c51ca1a4a8416df6545a1ce8ba00")]
    public void Sha3_of_the_examples_of_NIST(string text, int digestLength, string expected) =>
        Assert.Equal(expected, TestData.Hex(LibraryHashes.Sha3, Input(text), digestLength));

    [Theory]
    [InlineData("", "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be")]
    [InlineData("a3", "cd8a920ed141aa0407a22d59288652e9d9f1a7ee0c1e7c1ca699424da84a904d2d700caae7396ece96604440577da4f3aa22aeb8857f961c4cd8e06f0ae6610b")]
    public void Shake256_of_the_examples_of_NIST(string text, string expected) =>
        Assert.Equal(expected, TestData.Hex(LibraryHashes.Shake256, Input(text), 64));

    // the submission to the SHA-3 competition (KeccakKAT), as Ethereum and multihash know it
    [Theory]
    [InlineData("", 28, "f71837502ba8e10837bdd8d365adb85591895602fc552b48b7390abd")]
    [InlineData("", 32, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("", 48, "2c23146a63a29acf99e73b88f8c24eaa7dc60aa771780ccc006afbfa8fe2479b2dd2b21362337441ac12b515911957ff")]
    [InlineData("", 64, "0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e")]
    [InlineData("abc", 28, "c30411768506ebe1c2871b1ee2e87d38df342317300a9b97a95ec6a8")]
    [InlineData("abc", 32, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("abc", 48, "f7df1165f033337be098e7d288ad6a2f74409d7a60b49c36642218de161b1f99f8c681e4afaf31a34db29fb763e3c28e")]
    [InlineData("abc", 64, "18587dc2ea106b9a1563e32b3312421ca164c7f1f07bc922a9c83d77cea3a1e5d0c69910739025372dc14ac9642629379540c17e2a65b19d77aa511a9d00bb96")]
    public void Keccak_of_published_inputs(string text, int digestLength, string expected) =>
        Assert.Equal(expected, TestData.Hex(LibraryHashes.Keccak, Input(text), digestLength));

    // made with Python: hashlib for SHA-3 and SHAKE, FIPS 202 written out for Keccak
    [Theory]
    [InlineData(28, "de2e48f4373ffaf2651ec47f9c5a1feed4875dec9b39681214c5af40d2bd2b9b", "3b311307fce43390b870c01413042b70c977e4da8a3c680f54fe7222ffa64c65")]
    [InlineData(32, "6f7bd5f32bfc8d16232695691faa01b64d191abef36a12dc9d8016729bb9223b", "9bbc5f142121e583c4b0b7163bdbbf1ac0f546d052fef9a971be0502151ba5f6")]
    [InlineData(48, "172f7e7ccaa6dc3c9b92cac79b827d9297aab711834549ceb978ff92dd54dacf", "c21748582a5208e3f9dcb9520fdd7e42d206514ec44a0a8508bc685bc8001589")]
    [InlineData(64, "7bf7c13fa9d3e471d34e5b7c7542fac0032df9600cce34e353c3d3c7804b73a6", "4a2f7919f0bd2ce8fbdf582344773a94fdf1e35d2a689b16275d215140950145")]
    public void Inputs_around_block_boundaries(int digestLength, string sha3, string keccak)
    {
        Assert.Equal(sha3, TestData.Fold(LibraryHashes.Sha3, _lengths.Select(length => (TestData.Pattern(length), digestLength))));
        Assert.Equal(keccak, TestData.Fold(LibraryHashes.Keccak, _lengths.Select(length => (TestData.Pattern(length), digestLength))));
    }

    [Fact]
    public void Shake256_of_any_length_around_block_boundaries()
    {
        int[] digests = [1, 20, 32, 64, 135, 136, 137, 272, 500];
        Assert.Equal(
            "7f942e90a16544f72ca078cf6e60c8a4fae5fafe7adcd1e514c9d8d474e49685",
            TestData.Fold(LibraryHashes.Shake256, digests.SelectMany(n => _lengths.Select(length => (TestData.Pattern(length), n)))));
        Assert.StartsWith(TestData.Hex(LibraryHashes.Shake256, "m"u8, 40), TestData.Hex(LibraryHashes.Shake256, "m"u8, 400), StringComparison.Ordinal);
        LibraryHashes.Shake256("m"u8, []);
    }

    [Fact]
    public void Sha3_is_that_of_the_platform_where_it_has_one()
    {
        Assert.SkipUnless(SHA3_256.IsSupported && SHA3_384.IsSupported && SHA3_512.IsSupported, "the platform has no SHA-3");
        Seeded.Run(300, random =>
        {
            byte[] data = random.Bytes(random.Next(0, 1200));
            Assert.Equal(Convert.ToHexStringLower(SHA3_256.HashData(data)), TestData.Hex(LibraryHashes.Sha3, data, 32));
            Assert.Equal(Convert.ToHexStringLower(SHA3_384.HashData(data)), TestData.Hex(LibraryHashes.Sha3, data, 48));
            Assert.Equal(Convert.ToHexStringLower(SHA3_512.HashData(data)), TestData.Hex(LibraryHashes.Sha3, data, 64));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(31)]
    [InlineData(65)]
    public void Digest_lengths_that_no_variant_has_are_refused(int length)
    {
        Assert.Throws<ArgumentException>(() => LibraryHashes.Sha3([], new byte[length]));
        Assert.Throws<ArgumentException>(() => LibraryHashes.Keccak([], new byte[length]));
    }

    private static byte[] Input(string text) => text == "a3" ? Enumerable.Repeat((byte)0xa3, 200).ToArray() : Encoding.ASCII.GetBytes(text);
}
