using System.Globalization;
using System.Text.Json;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Links;

/// <summary>Blocks that @ipld/dag-cbor and @ipld/dag-json of npm write, and what they read.</summary>
public sealed class IpldCodecTests
{
    private const string Link = "d82a4a00015500050001020304";

    [Fact]
    public Task The_links_of_random_values_are_found_in_their_order() => Seeded.RunAsync(async random =>
    {
        JsonElement made = await InteropScript.RunAsync("links.mjs", ["make", random.Next().ToString(CultureInfo.InvariantCulture), "2000"]);
        int links = 0;
        foreach (JsonElement item in made.EnumerateArray())
        {
            string codec = item.GetProperty("codec").GetString()!;
            string hex = item.GetProperty("block").GetString()!;
            string[] expected = Texts(item);
            string[] found;
            try
            {
                found = Read(codec, hex);
            }
            catch (DagException refused)
            {
                throw new InvalidOperationException($"{codec} {hex}: {refused.Message}", refused);
            }

            Assert.True(expected.SequenceEqual(found), $"{codec} {hex}");
            links += expected.Length;
        }

        Assert.True(links > 1000, $"only {links} links");
    });

    [Theory]
    [InlineData("82" + "61ff" + Link)]
    [InlineData("a1" + "61ff" + Link)]
    [InlineData("a1" + "63eda080" + Link)]
    public async Task Texts_and_keys_that_are_no_UTF8_are_read_there_too(string hex)
    {
        JsonElement read = await InteropScript.RunAsync("links.mjs", ["read"], new[] { new { codec = "dag-cbor", block = hex } });

        Assert.Equal(Texts(read[0]), Read("dag-cbor", hex));
        Assert.Single(Texts(read[0]));
    }

    [Theory]
    [InlineData("dag-cbor", "82" + "f7" + Link)]
    [InlineData("dag-cbor", "82" + "f93c00" + Link)]
    [InlineData("dag-cbor", "82" + "fa3fc00000" + Link)]
    [InlineData("dag-cbor", "a3" + "6163" + Link + "616201" + "616101")]
    [InlineData("dag-json", "7b20226e22203a20312c2022646f6322203a207b222f223a20226261666b71616161227d207d")]
    public async Task What_is_not_canonical_is_read_there_too(string codec, string hex)
    {
        JsonElement read = await InteropScript.RunAsync("links.mjs", ["read"], new[] { new { codec, block = hex } });

        Assert.Equal(Texts(read[0]), Read(codec, hex));
        Assert.Single(Texts(read[0]));
    }

    // what is damaged is refused there as well
    [Theory]
    [InlineData("dag-cbor", "9fff")]
    [InlineData("dag-cbor", "fb7ff0000000000000")]
    [InlineData("dag-cbor", "c001")]
    [InlineData("dag-cbor", "a10100")]
    [InlineData("dag-cbor", "a2616101616102")]
    [InlineData("dag-cbor", "0000")]
    [InlineData("dag-json", "22ff22")]
    [InlineData("dag-json", "7b2261223a312c2261223a327d")]
    [InlineData("dag-json", "7b222f223a2262616679227d")]
    [InlineData("dag-json", "5b312c5d")]
    public async Task What_is_refused_there_is_refused_here(string codec, string hex)
    {
        JsonElement read = await InteropScript.RunAsync("links.mjs", ["read"], new[] { new { codec, block = hex } });

        Assert.True(read[0].TryGetProperty("error", out _), "it is read there");
        Assert.Throws<DagException>(() => Read(codec, hex));
    }

    private static string[] Texts(JsonElement item) => [.. item.GetProperty("links").EnumerateArray().Select(link => link.GetString()!)];

    private static string[] Read(string codec, string hex)
    {
        byte[] block = Convert.FromHexString(hex);
        Assert.True(Multicodec.TryGetCode(codec, out ulong code));
        return [.. DagLinks.Read(Cid.Compute(code, block), block).Select(link => link.ToString())];
    }
}
