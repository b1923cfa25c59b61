using System.Text.Json;
using Bitswap.Multiformats.Hashing;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests.Hashing;

/// <summary>The hash functions against those of OpenSSL in Node.js.</summary>
public sealed class HashingDifferentialTests
{
    [Fact]
    public Task Digests_of_random_data_are_those_of_OpenSSL() => Seeded.RunAsync(async random =>
    {
        (string Name, HashInto Hash, int Length)[] functions =
        [
            ("blake2b512", LibraryHashes.Blake2b, 64),
            ("blake2s256", LibraryHashes.Blake2s, 32),
            ("sha3-224", LibraryHashes.Sha3, 28),
            ("sha3-256", LibraryHashes.Sha3, 32),
            ("sha3-384", LibraryHashes.Sha3, 48),
            ("sha3-512", LibraryHashes.Sha3, 64),
            ("shake256", LibraryHashes.Shake256, 64),
            ("shake256", LibraryHashes.Shake256, 300),
        ];
        var cases = new List<object>();
        var own = new List<string>();
        for (int i = 0; i < 400; i++)
        {
            (string name, HashInto hash, int length) = functions[i % functions.Length];
            byte[] data = new byte[random.Next(0, i % 10 == 0 ? 20_000 : 600)];
            random.NextBytes(data);
            cases.Add(new { name, length, data = Convert.ToHexStringLower(data) });
            own.Add(TestData.Hex(hash, data, length));
        }

        JsonElement[] answers = await NodeOracle.AskAsync(
            """
            const options = c.name === 'shake256' ? { outputLength: c.length } : {};
            return crypto.createHash(c.name, options).update(hex(c.data)).digest('hex');
            """,
            cases);
        for (int i = 0; i < answers.Length; i++)
        {
            Assert.True(answers[i].GetString() == own[i], $"case {i}: {cases[i]}");
        }
    });
}
