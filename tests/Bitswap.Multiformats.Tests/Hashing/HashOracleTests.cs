using System.Security.Cryptography;
using System.Text.Json;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Bitswap.Multiformats.Tests.Hashing;

/// <summary>Holds each hash function against one that another made: @noble/hashes of npm, and BouncyCastle where it is not BouncyCastle's.</summary>
public sealed class HashOracleTests
{
    /// <summary>All that are accepted but identity.</summary>
    public static TheoryData<string> Names => [.. Multicodec.HashNames.Where(name => name != "identity")];

    /// <summary>Those that .NET or the package Blake3 computes here.</summary>
    public static TheoryData<string> NamesBesideBouncyCastle =>
    [
        "sha1", "sha2-256", "sha2-512", "dbl-sha2-256", "blake3",
        .. SHA3_256.IsSupported ? new[] { "sha3-256", "sha3-384", "sha3-512" } : [],
        .. Shake256.IsSupported ? new[] { "shake-256" } : [],
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_digest_that_is_cut_short_is_the_beginning_of_the_whole_one(string name) => Seeded.Run(40, random =>
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        byte[] data = random.Bytes(RandomLength(random));

        Multihash whole = Multihash.Compute(code, data);
        int length = random.Next(1, whole.Digest.Length + 1);
        Multihash cut = Multihash.Compute(code, data, length);

        Assert.Equal(whole.Digest[..length], cut.Digest);
        Assert.Equal(cut, Multihash.FromBytes(cut.Bytes));
        Assert.True(cut.Matches(data));
        Assert.Equal(length >= Multihash.MinDigestLength, Multihash.IsAcceptable(cut, out _));
    });

    [Fact]
    public Task Digests_of_every_function_are_those_of_noble() => Seeded.RunAsync(1, async random =>
    {
        var cases = new List<object>();
        var own = new List<string>();
        foreach (string name in Names.SelectMany(row => Enumerable.Repeat(row.Data, 10)))
        {
            Assert.True(Multicodec.TryGetCode(name, out ulong code));
            byte[] data = random.Bytes(RandomLength(random));
            int length = name is "shake-256" or "blake3" ? random.Next(1, Multihash.MaxDigestLength + 1) : Multihash.Compute(code, []).Digest.Length;
            cases.Add(new { name, length, data = Convert.ToHexStringLower(data) });
            own.Add(Convert.ToHexStringLower(Multihash.Compute(code, data, length).Digest));
        }

        JsonElement answers = await InteropScript.RunAsync("noble.mjs", ["hashes"], cases);
        Assert.Equal(cases.Count, answers.GetArrayLength());
        for (int i = 0; i < cases.Count; i++)
        {
            Assert.True(answers[i].GetString() == own[i], $"{cases[i]}: here {own[i]}, there {answers[i]}");
        }
    });

    [Theory]
    [MemberData(nameof(NamesBesideBouncyCastle))]
    public void Digests_are_those_of_BouncyCastle(string name) => Seeded.Run(40, random =>
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        byte[] data = random.Bytes(RandomLength(random));
        Assert.Equal(Digest(name, data), Multihash.Compute(code, data).Digest);
    });

    [Fact]
    public void Blake3_of_any_length_and_of_many_chunks_is_that_of_BouncyCastle() => Seeded.Run(20, random =>
    {
        byte[] data = random.Bytes(random.Next(1 << random.Next(10, 21)));
        byte[] expected = new byte[random.Next(1, Multihash.MaxDigestLength + 1)];
        var digest = new Blake3Digest();
        digest.BlockUpdate(data);
        digest.OutputFinal(expected);
        Assert.Equal(expected, Multihash.Compute(MultihashCode.Blake3, data, expected.Length).Digest);
    });

    /// <summary>Often at, before or after a multiple of a block or a chunk.</summary>
    private static int RandomLength(Random random) =>
        random.Next(3) == 0 ? random.Next(3000) : Math.Max(0, (new[] { 64, 128, 136, 72, 1024 }[random.Next(5)] * random.Next(10)) + random.Next(-1, 2));

    private static byte[] Digest(string name, byte[] data) => name == "dbl-sha2-256" ? Run("sha2-256", Run("sha2-256", data)) : Run(name, data);

    private static byte[] Run(string name, byte[] data)
    {
        IDigest digest = name switch
        {
            "sha1" => new Sha1Digest(),
            "sha2-256" => new Sha256Digest(),
            "sha2-512" => new Sha512Digest(),
            "blake3" => new Blake3Digest(),
            "shake-256" => new ShakeDigest(256),
            _ => new Sha3Digest(int.Parse(name.AsSpan("sha3-".Length), null)),
        };
        byte[] result = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(data, 0, data.Length);
        digest.DoFinal(result, 0);
        return result;
    }
}
