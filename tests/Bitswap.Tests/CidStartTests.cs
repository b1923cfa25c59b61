using Bitswap.Completion;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Tests;

public sealed class CidStartTests
{
    private static readonly Multihash _hash = Multihash.Compute(MultihashCode.Sha256, "hello"u8);

    [Theory]
    [InlineData(Multicodec.Raw)]
    [InlineData(Multicodec.DagPb)]
    [InlineData(Multicodec.DagCbor)]
    [InlineData(Multicodec.DagJson)]
    public void Every_beginning_of_a_CID_is_that_of_its_codec_and_of_its_hash(ulong codec)
    {
        string text = Cid.CreateV1(codec, _hash).ToString();
        // the codec is said once its last bit is, before that it may be another
        int said = codec == Multicodec.DagJson ? 6 : 5;
        for (int length = 0; length <= text.Length; length++)
        {
            Assert.True(CidStart.TryParse(text[..length], out CidStart start));
            Assert.True(start.Fits(_hash), text[..length]);
            Assert.True(length < said || start.Codec == codec, text[..length]);
        }
    }

    [Fact]
    public void A_letter_that_differs_tells_another_hash()
    {
        string text = Cid.CreateV1(Multicodec.Raw, _hash).ToString();
        // from the first letter that is all of the hash, to the last but one: the last has bits that say nothing
        for (int at = 7; at < text.Length - 1; at++)
        {
            string other = text[..at] + (text[at] == 'a' ? 'b' : 'a');
            Assert.True(!CidStart.TryParse(other, out CidStart start) || !start.Fits(_hash), other);
        }
    }

    [Theory]
    [InlineData("B")]
    [InlineData("BAFKREI")]
    public void Upper_case_is_read_alike(string typed) => Assert.True(CidStart.TryParse(typed, out CidStart start) && start.Fits(_hash));

    [Theory]
    [InlineData("Qm")]
    [InlineData("zb2")]
    [InlineData("b1")]
    [InlineData("b-")]
    [InlineData("bbbb")]
    [InlineData("*")]
    public void What_begins_no_CID_of_version_1_in_base32_is_refused(string typed) => Assert.False(CidStart.TryParse(typed, out _));

    [Fact]
    public void A_text_of_any_length_is_borne() => Assert.False(CidStart.TryParse("b" + new string('a', 100_000), out _));
}
