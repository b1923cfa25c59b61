using System.Globalization;
using System.Text.Json;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Names;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Names;

/// <summary>Holds records against ipns of npm, in one process a test.</summary>
public sealed class IpnsOracleTests
{
    [Fact]
    public Task Records_of_npm_are_read() => Seeded.RunAsync(async random =>
    {
        var cases = Enumerable.Range(0, 24).Select(i => (Index: i, Sequence: (ulong)random.NextInt64() >> random.Next(63))).Select(one => new
        {
            type = one.Index % 6 == 0 ? "RSA" : one.Index % 6 == 1 ? "secp256k1" : "Ed25519",
            value = $"/ipfs/{Samples.Block(one.Index).Cid}/a b",
            sequence = one.Sequence.ToString(CultureInfo.InvariantCulture),
            validity = "2090-02-03T04:05:06.007008009Z",
            ttl = random.NextInt64(10_000_000_000, 1_000_000_000_000_000).ToString(CultureInfo.InvariantCulture),

            // protons, by which ipns of npm writes, writes a number from 2^31 to 2^32, which would stand in a field of version 1, as other bytes
            v1 = one.Sequence is < int.MaxValue or > uint.MaxValue && random.Next(2) == 0,
        }).ToArray();
        JsonElement answers = await InteropScript.RunAsync("ipns.mjs", ["make"], cases);
        foreach ((var one, JsonElement answer) in cases.Zip(answers.EnumerateArray()))
        {
            Assert.False(answer.TryGetProperty("error", out JsonElement error), error.ToString());
            IpnsRecord read = IpnsRecord.Decode(Convert.FromHexString(answer.GetProperty("record").GetString()!), PeerId.Parse(answer.GetProperty("name").GetString()!));
            Assert.Equal((one.value, one.sequence, one.validity), (read.Value, read.Sequence.ToString(CultureInfo.InvariantCulture), read.Validity.ToString()));
            Assert.Equal(long.Parse(one.ttl, CultureInfo.InvariantCulture) / 100, read.Ttl!.Value.Ticks);
        }
    });

    [Fact]
    public Task Npm_reads_records_made_here_and_refuses_those_that_are_changed() => Seeded.RunAsync(async random =>
    {
        List<IpnsRecord> made = [];
        List<object> cases = [];
        for (int i = 0; i < 40; i++)
        {
            PrivateKey key = PrivateKey.Generate();
            IpnsRecord record = IpnsRecord.Create(
                key, $"/ipfs/{Samples.Block(i).Cid}", (ulong)random.NextInt64(), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(random.Next()), TimeSpan.FromTicks(random.Next()));
            made.Add(record);
            cases.Add(new { name = key.PeerId.ToString(), record = Convert.ToHexStringLower(record.Bytes.Span) });
            byte[] changed = record.Bytes.ToArray();
            changed[ChangeableByte(random, changed.Length)] ^= (byte)(1 << random.Next(8));
            cases.Add(new { name = key.PeerId.ToString(), record = Convert.ToHexStringLower(changed) });
            Assert.Throws<BitswapException>(() => IpnsRecord.Decode(changed, key.PeerId));
        }

        JsonElement[] answers = [.. (await InteropScript.RunAsync("ipns.mjs", ["validate"], cases)).EnumerateArray()];
        for (int i = 0; i < made.Count; i++)
        {
            JsonElement answer = answers[2 * i];
            Assert.False(answer.TryGetProperty("error", out JsonElement error), error.ToString());
            Assert.Equal(
                (made[i].Value, made[i].Sequence.ToString(CultureInfo.InvariantCulture), made[i].Validity.ToString()),
                (answer.GetProperty("value").GetString(), answer.GetProperty("sequence").GetString(), answer.GetProperty("validity").GetString()));
            Assert.True(answers[(2 * i) + 1].TryGetProperty("error", out _));
        }
    });

    [Fact]
    public Task The_record_that_holds_is_the_one_that_npm_selects() => Seeded.RunAsync(async random =>
    {
        PrivateKey key = NameRecords.Key(5);
        IpnsRecord[][] cases = [.. Enumerable.Range(0, 30).Select(_ => Enumerable.Range(0, 6)
            .Select(i => NameRecords.Of(key, "/ipfs/bafkqaaa", (ulong)random.Next(3), NameRecords.Until.AddSeconds(random.Next(100)))).DistinctBy(record => (record.Sequence, record.Validity)).ToArray())];
        JsonElement answers = await InteropScript.RunAsync(
            "ipns.mjs", ["select"], cases.Select(records => new { name = key.PeerId.ToString(), records = records.Select(record => Convert.ToHexStringLower(record.Bytes.Span)) }));
        foreach ((IpnsRecord[] records, JsonElement answer) in cases.Zip(answers.EnumerateArray()))
        {
            Assert.Same(records[answer.GetInt32()], records.Max());
        }
    });

    // but the tags of the two fields, of which npm does not look at the wire type
    private static int ChangeableByte(Random random, int length)
    {
        int[] tags = [0, 2 + Ed25519.SignatureLength];
        int index = random.Next(length);
        return tags.Contains(index) ? index + 1 : index;
    }
}
