using System.Text;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class MultibaseTests
{
    public static TheoryData<MultibaseEncoding> Encodings => [.. Enum.GetValues<MultibaseEncoding>()];

    // The example of the multibase specification, in every base.
    [Theory]
    [InlineData(MultibaseEncoding.Base2, "001111001011001010111001100100000011011010110000101101110011010010010000000100001")]
    [InlineData(MultibaseEncoding.Base8, "7362625631006654133464440102")]
    [InlineData(MultibaseEncoding.Base10, "9573277761329450583662625")]
    [InlineData(MultibaseEncoding.Base16, "f796573206d616e692021")]
    [InlineData(MultibaseEncoding.Base16Upper, "F796573206D616E692021")]
    [InlineData(MultibaseEncoding.Base32, "bpfsxgidnmfxgsibb")]
    [InlineData(MultibaseEncoding.Base32Upper, "BPFSXGIDNMFXGSIBB")]
    [InlineData(MultibaseEncoding.Base32Hex, "vf5in683dc5n6i811")]
    [InlineData(MultibaseEncoding.Base32HexUpper, "VF5IN683DC5N6I811")]
    [InlineData(MultibaseEncoding.Base32Pad, "cpfsxgidnmfxgsibb")]
    [InlineData(MultibaseEncoding.Base32PadUpper, "CPFSXGIDNMFXGSIBB")]
    [InlineData(MultibaseEncoding.Base32HexPad, "tf5in683dc5n6i811")]
    [InlineData(MultibaseEncoding.Base32HexPadUpper, "TF5IN683DC5N6I811")]
    [InlineData(MultibaseEncoding.Base32Z, "hxf1zgedpcfzg1ebb")]
    [InlineData(MultibaseEncoding.Base36, "k2lcpzo5yikidynfl")]
    [InlineData(MultibaseEncoding.Base36Upper, "K2LCPZO5YIKIDYNFL")]
    [InlineData(MultibaseEncoding.Base58Flickr, "Z7Pznk19XTTzBtx")]
    [InlineData(MultibaseEncoding.Base58Btc, "z7paNL19xttacUY")]
    [InlineData(MultibaseEncoding.Base64, "meWVzIG1hbmkgIQ")]
    [InlineData(MultibaseEncoding.Base64Pad, "MeWVzIG1hbmkgIQ==")]
    [InlineData(MultibaseEncoding.Base64Url, "ueWVzIG1hbmkgIQ")]
    [InlineData(MultibaseEncoding.Base64UrlPad, "UeWVzIG1hbmkgIQ==")]
    [InlineData(MultibaseEncoding.Base256Emoji, "🚀🏃✋🌈😅🌷🤤😻🌟😅👏")]
    public void The_example_of_the_specification_encodes_and_decodes(MultibaseEncoding encoding, string text)
    {
        byte[] data = "yes mani !"u8.ToArray();

        Assert.Equal(text, Multibase.Encode(encoding, data));
        Assert.Equal(data, Multibase.Decode(text, out MultibaseEncoding found));
        Assert.Equal(encoding, found);
        Assert.Equal(data, Multibase.DecodeRaw(encoding, Multibase.EncodeRaw(encoding, data)));
        Assert.EndsWith(Multibase.EncodeRaw(encoding, data), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0yes mani !", "🚀🚀🏃✋🌈😅🌷🤤😻🌟😅👏")]
    [InlineData("\0\0yes mani !", "🚀🚀🚀🏃✋🌈😅🌷🤤😻🌟😅👏")]
    public void Zero_bytes_in_front_are_kept_in_emoji(string data, string text) =>
        Assert.Equal(text, Multibase.Encode(MultibaseEncoding.Base256Emoji, Encoding.ASCII.GetBytes(data)));

    [Theory]
    [MemberData(nameof(TextbookBase.Encodings), MemberType = typeof(TextbookBase))]
    public void Every_base_is_what_its_definition_makes_digit_by_digit(MultibaseEncoding encoding) => Seeded.Run(300, random =>
    {
        byte[] data = random.Bytes(random.Next(random.Next(1, 200)));
        data.AsSpan(0, Math.Min(data.Length, random.Next(4))).Clear();

        string text = Multibase.Encode(encoding, data);

        Assert.Equal(TextbookBase.Encode(encoding, data), text);
        Assert.Equal(data, Multibase.Decode(text, out _));
    });

    [Theory]
    [MemberData(nameof(TextbookBase.CaseInsensitive), MemberType = typeof(TextbookBase))]
    public void Mixed_case_decodes_where_the_alphabet_has_one_case(MultibaseEncoding encoding) => Seeded.Run(100, random =>
    {
        byte[] data = random.Bytes(random.Next(40));
        string text = Multibase.EncodeRaw(encoding, data);
        string mixed = string.Concat(text.Select(letter => random.Next(2) == 0 ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter)));

        Assert.Equal(data, Multibase.DecodeRaw(encoding, mixed));
    });

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Random_bytes_read_back_in_every_base(MultibaseEncoding encoding) => Seeded.Run(300, random =>
    {
        byte[] data = random.Bytes(random.Next(random.Next(1, 700)));
        data.AsSpan(0, Math.Min(data.Length, random.Next(4))).Clear();

        string text = Multibase.Encode(encoding, data);

        Assert.Equal(data, Multibase.Decode(text, out MultibaseEncoding found));
        Assert.Equal(encoding, found);
        Assert.True(Multibase.TryDecode(text, out byte[]? again, out _));
        Assert.Equal(data, again);
    });

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_short_length_and_no_bytes_read_back(MultibaseEncoding encoding)
    {
        for (int length = 0; length <= 40; length++)
        {
            foreach (byte fill in new byte[] { 0, 1, 0x80, 0xFF })
            {
                byte[] data = new byte[length];
                data.AsSpan().Fill(fill);
                Assert.Equal(data, Multibase.Decode(Multibase.Encode(encoding, data), out _));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_text_that_is_decoded_is_the_one_that_is_encoded_but_for_case(MultibaseEncoding encoding) => Seeded.Run(500, random =>
    {
        // A few characters changed: whatever is still taken must not be a second text of the same bytes.
        char[] text = Multibase.EncodeRaw(encoding, random.Bytes(random.Next(1, 30))).ToCharArray();
        for (int i = random.Next(3); i >= 0; i--)
        {
            text[random.Next(text.Length)] = (char)random.Next(' ', 0x7F);
        }

        if (Multibase.TryDecodeRaw(encoding, text, out byte[]? data))
        {
            Assert.Equal(new string(text), Multibase.EncodeRaw(encoding, data), ignoreCase: true);
        }
    });

    [Fact]
    public void Base64_and_base16_agree_with_the_platform() => Seeded.Run(300, random =>
    {
        byte[] data = random.Bytes(random.Next(100));
        Assert.Equal(Convert.ToBase64String(data), Multibase.EncodeRaw(MultibaseEncoding.Base64Pad, data));
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(data), Multibase.EncodeRaw(MultibaseEncoding.Base64Url, data));
        Assert.Equal(Convert.ToHexString(data), Multibase.EncodeRaw(MultibaseEncoding.Base16Upper, data));
    });

    [Theory]
    [InlineData("", "the text is empty")]
    [InlineData("?abc", "'?' is no known multibase prefix")]
    [InlineData(" bmf", "U+0020 is no known multibase prefix")]
    [InlineData("\U0001F600", "is no known multibase prefix")]
    [InlineData("f012", "3 characters are no possible length of base16")]
    [InlineData("fg0", "character 'g' at position 1 is not one of base16")]
    [InlineData("f0\u0430", "character U+0430 at position 2")]
    [InlineData("bmfx !", "character U+0020 at position 4")]
    [InlineData("bm", "1 characters are no possible length of base32")]
    [InlineData("bmmm", "3 characters are no possible length of base32")]
    [InlineData("bmmmmmm", "6 characters are no possible length of base32")]
    [InlineData("bmz", "the unused bits of the last character, at position 2, are not zero")]
    [InlineData("bmy======", "character '=' at position 3")]
    [InlineData("cmy", "the padding does not fill base32pad up to a multiple of 8")]
    [InlineData("cmy=====", "the padding does not fill")]
    [InlineData("cmy=======", "the padding does not fill")]
    [InlineData("c========", "the padding does not fill")]
    [InlineData("cm=ya====", "character '=' at position 2")]
    [InlineData("bm1", "character '1' at position 2")]
    [InlineData("hYB", "character 'Y' at position 1 is not one of base32z")]
    [InlineData("z0", "character '0' at position 1 is not one of base58btc")]
    [InlineData("z2O", "character 'O' at position 2")]
    [InlineData("Zl", "character 'l' at position 1 is not one of base58flickr")]
    [InlineData("k-", "character '-' at position 1 is not one of base36")]
    [InlineData("9-1", "character '-' at position 1 is not one of base10")]
    [InlineData("01010101", "7 characters are no possible length of base2")]
    [InlineData("020000000", "character '2' at position 1 is not one of base2")]
    [InlineData("7777", "the unused bits of the last character, at position 3, are not zero")]
    [InlineData("mA", "1 characters are no possible length of base64")]
    [InlineData("mAB", "the unused bits")]
    [InlineData("mAA==", "character '=' at position 3")]
    [InlineData("m-A", "character '-' at position 1 is not one of base64")]
    [InlineData("u+A", "character '+' at position 1 is not one of base64url")]
    [InlineData("MAA=", "the padding does not fill base64pad up to a multiple of 4")]
    [InlineData("MAA", "the padding does not fill")]
    [InlineData("MAA===", "the padding does not fill")]
    [InlineData("\0\u0100", "character U+0100 at position 1 is not one of identity")]
    [InlineData("\U0001F680x", "character 'x' at position 2 is not one of base256emoji")]
    public void Malformed_text_is_refused_with_its_cause(string text, string cause)
    {
        Assert.False(Multibase.TryDecode(text, out byte[]? data, out _));
        Assert.Null(data);
        Fails.With("InvalidMultibase", cause, () => Multibase.Decode(text, out _));
    }

    // Not inline data: an attribute holds UTF-8, which has no half surrogates.
    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Fails.With("InvalidMultibase", "U+D83D is no known multibase prefix", () => Multibase.Decode("\uD83D", out _));
        Fails.With("InvalidMultibase", "U+D83D at position 2 is not one of base256emoji", () => Multibase.Decode("\U0001F680\uD83D", out _));
        Fails.With("InvalidMultibase", "U+DE80 at position 0", () => Multibase.DecodeRaw(MultibaseEncoding.Base256Emoji, "\uDE80"));
    }

    [Theory]
    [InlineData(MultibaseEncoding.Base10)]
    [InlineData(MultibaseEncoding.Base36Upper)]
    [InlineData(MultibaseEncoding.Base58Flickr)]
    public void Number_bases_are_bounded_both_ways(MultibaseEncoding encoding)
    {
        string longest = new(Multibase.EncodeRaw(encoding, [1])[0], Multibase.MaxRadixLength);
        byte[] data = Multibase.DecodeRaw(encoding, longest);
        Assert.Equal(longest, Multibase.EncodeRaw(encoding, data));

        Assert.False(Multibase.TryDecodeRaw(encoding, longest + longest[0], out _));
        Fails.With("InvalidMultibase", "are too many for", () => Multibase.DecodeRaw(encoding, longest + longest[0]));
        Fails.With("InvalidMultibase", "are too many for", () => Multibase.EncodeRaw(encoding, [.. data, 0]));
        byte[] zeros = new byte[Multibase.MaxRadixLength];
        Assert.Equal(zeros, Multibase.DecodeRaw(encoding, Multibase.EncodeRaw(encoding, zeros)));
        Fails.With("InvalidMultibase", "are too many for", () => Multibase.EncodeRaw(encoding, new byte[Multibase.MaxRadixLength + 1]));
    }

    [Fact]
    public void Long_data_reads_back_in_a_bit_base()
    {
        byte[] data = new Random(1).Bytes(1_000_003);
        Assert.Equal(data, Multibase.Decode(Multibase.Encode(MultibaseEncoding.Base32Pad, data), out _));
        Assert.Equal(data, Multibase.Decode(Multibase.Encode(MultibaseEncoding.Base8, data), out _));
    }

    [Fact]
    public void Every_base_has_a_name_that_finds_it_and_a_prefix_of_its_own()
    {
        var prefixes = new HashSet<string>();
        foreach (MultibaseEncoding encoding in Enum.GetValues<MultibaseEncoding>())
        {
            Assert.True(Multibase.TryGetEncoding(Multibase.Name(encoding).ToUpperInvariant(), out MultibaseEncoding found));
            Assert.Equal(encoding, found);
            Assert.True(prefixes.Add(Multibase.Encode(encoding, [])));
            Assert.Equal(encoding.ToString(), Multibase.Name(encoding), ignoreCase: true);
        }

        Assert.False(Multibase.TryGetEncoding("base33", out _));
        Assert.False(Multibase.TryGetEncoding(null, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Multibase.Name((MultibaseEncoding)99));
        Assert.Throws<ArgumentOutOfRangeException>(() => Multibase.Encode((MultibaseEncoding)(-1), [1]));
    }
}
