using Bitswap.Multiformats.Hashing;

namespace Bitswap.Multiformats.Tests.Hashing;

public sealed class Blake2Tests
{
    private static readonly int[] _lengths = [0, 1, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000];

    // RFC 7693 appendix A and B; the others are of the BLAKE2 authors' reference
    [Theory]
    [InlineData("abc", 64, "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")]
    [InlineData("", 64, "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce")]
    [InlineData("", 32, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")]
    [InlineData("abc", 32, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")]
    public void Blake2b_of_published_inputs(string text, int digestLength, string expected) =>
        Assert.Equal(expected, TestData.Hex(LibraryHashes.Blake2b, System.Text.Encoding.ASCII.GetBytes(text), digestLength));

    [Theory]
    [InlineData("abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")]
    [InlineData("", "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9")]
    public void Blake2s_of_published_inputs(string text, string expected) =>
        Assert.Equal(expected, TestData.Hex(LibraryHashes.Blake2s, System.Text.Encoding.ASCII.GetBytes(text), 32));

    // the inputs of the authors' blake2-kat.json: 0, 1, 2 ... of every length to 255
    [Fact]
    public void The_known_answers_of_every_input_length_to_255()
    {
        byte[] input = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        Assert.Equal(
            "edb6025a7aba90e4ad1d5ccfc7485d26f988929ca564b1897e33d43a901efba2",
            TestData.Fold(LibraryHashes.Blake2b, Enumerable.Range(0, 256).Select(length => (input[..length], 64))));
        Assert.Equal(
            "5f7531adc8f6553c574a96af507ed94d853ec5720a636afb10fe43cd5a3c7047",
            TestData.Fold(LibraryHashes.Blake2s, Enumerable.Range(0, 256).Select(length => (input[..length], 32))));
    }

    [Fact]
    public void Every_digest_length_of_inputs_around_block_boundaries()
    {
        Assert.Equal(
            "642ca89f1e4cea9e011f107efd6c2d9e99ca005401518a60190570aad509866b",
            TestData.Fold(LibraryHashes.Blake2b, Enumerable.Range(1, 64).SelectMany(n => _lengths.Select(length => (TestData.Pattern(length), n)))));
        Assert.Equal(
            "69547d652d6cb1662e4fb86d965c235d93b5aa7c347883cc2ba2dcf59b62afd4",
            TestData.Fold(LibraryHashes.Blake2s, Enumerable.Range(1, 32).SelectMany(n => _lengths.Select(length => (TestData.Pattern(length), n)))));
    }

    [Fact]
    public void Digest_lengths_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => LibraryHashes.Blake2b([], []));
        Assert.Throws<ArgumentException>(() => LibraryHashes.Blake2b([], new byte[65]));
        Assert.Throws<ArgumentException>(() => LibraryHashes.Blake2s([], []));
        Assert.Throws<ArgumentException>(() => LibraryHashes.Blake2s([], new byte[33]));
    }
}
