using System.Text.Json;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

/// <summary>Holds bases, CIDs and addresses against multiformats and @multiformats/multiaddr of npm, in one process a test.</summary>
public sealed class NpmMultiformatsTests
{
    [Fact]
    public Task Every_base_is_what_npm_makes() => Seeded.RunAsync(1, async random =>
    {
        byte[][] data = [.. Enumerable.Range(0, 100).Select(i => (byte[])[.. new byte[i % 4], .. random.Bytes(random.Next(80))])];
        JsonElement answers = await InteropScript.RunAsync("multiformats.mjs", ["bases"], data.Select(Convert.ToHexStringLower));

        foreach ((byte[] bytes, JsonElement texts) in data.Zip(answers.EnumerateArray()))
        {
            Assert.Equal(Enum.GetValues<MultibaseEncoding>().Length, texts.EnumerateObject().Count());
            foreach (JsonProperty text in texts.EnumerateObject())
            {
                Assert.True(Multibase.TryGetEncoding(text.Name, out MultibaseEncoding encoding), text.Name);
                Assert.Equal(text.Value.GetString(), Multibase.Encode(encoding, bytes));
            }
        }
    });

    [Fact]
    public Task Cids_of_any_version_codec_hash_and_base_are_read_alike() => Seeded.RunAsync(1, async random =>
    {
        Cid[] cids = [.. Enumerable.Range(0, 400).Select(_ => RandomCid(random))];
        string[] texts = [.. cids.Select(cid => cid.Version == 0 ? cid.ToString() : cid.ToString(random.GetItems(Enum.GetValues<MultibaseEncoding>(), 1)[0]))];
        JsonElement answers = await InteropScript.RunAsync("multiformats.mjs", ["cids"], texts);

        foreach ((Cid cid, JsonElement read) in cids.Zip(answers.EnumerateArray()))
        {
            Assert.False(read.TryGetProperty("error", out JsonElement error), $"{cid}: {error}");
            Assert.Equal(cid.Version, read.GetProperty("version").GetInt32());
            Assert.Equal(cid.Codec, read.GetProperty("codec").GetUInt64());
            Assert.Equal(cid.Hash.ToString(), read.GetProperty("hash").GetString());
            Assert.Equal(Convert.ToHexStringLower(cid.Bytes), read.GetProperty("bytes").GetString());
            Assert.Equal(cid.ToString(), read.GetProperty("text").GetString());
        }
    });

    // Left out are unix, which npm ends at the first slash of the path, and http-path, whose bytes npm begins with a slash and py-multiaddr does not.
    [Fact]
    public async Task Addresses_have_the_bytes_that_npm_gives_them()
    {
        string[] texts = [.. MultiaddrTests.Canonical.Select(row => row.Data).Where(text => !text.Contains("/unix/", StringComparison.Ordinal) && !text.Contains("/http-path/", StringComparison.Ordinal))];
        JsonElement answers = await InteropScript.RunAsync("multiformats.mjs", ["addresses"], texts);

        foreach ((string text, JsonElement read) in texts.Zip(answers.EnumerateArray()))
        {
            Assert.False(read.TryGetProperty("error", out JsonElement error), $"{text}: {error}");
            Assert.Equal(read.GetProperty("bytes").GetString(), Convert.ToHexStringLower(Multiaddr.Parse(text).Bytes));
            Assert.Equal(Multiaddr.Parse(text), Multiaddr.Parse(read.GetProperty("text").GetString()!));
        }
    }

    private static Cid RandomCid(Random random)
    {
        byte[] data = random.Bytes(random.Next(30));
        return random.Next(4) switch
        {
            0 => Cid.CreateV0(Multihash.Compute(MultihashCode.Sha256, data)),
            1 => Cid.CreateV1((ulong)random.Next(), Multihash.FromDigest((ulong)random.Next(), random.Bytes(random.Next(130)))),
            2 => Cid.Compute(Multicodec.Raw, data, MultihashCode.Identity),
            _ => Cid.Compute(Multicodec.DagCbor, data, MultihashCode.Blake3),
        };
    }
}
