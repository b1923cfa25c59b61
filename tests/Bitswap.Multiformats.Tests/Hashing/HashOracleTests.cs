extern alias Blake3Package;
using Bitswap.Tests.Shared;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Hasher = Blake3Package::Blake3.Hasher;

namespace Bitswap.Multiformats.Tests.Hashing;

/// <summary>Holds the hash functions against BouncyCastle's, and BLAKE3 against the package Blake3 as well.</summary>
public sealed class HashOracleTests
{
    /// <summary>The functions that a library computes too: all that are accepted but identity.</summary>
    public static TheoryData<string> Names => [.. Multicodec.HashNames.Where(name => name != "identity")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Digests_and_their_beginnings_are_those_of_the_library(string name) => Seeded.Run(40, random =>
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        byte[] data = random.Bytes(RandomLength(random));
        byte[] expected = Digest(name, data);

        Multihash whole = Multihash.Compute(code, data);
        int length = random.Next(1, whole.Digest.Length + 1);
        Multihash cut = Multihash.Compute(code, data, length);

        Assert.Equal(expected, whole.Digest.ToArray());
        Assert.Equal(expected[..length], cut.Digest.ToArray());
        Assert.Equal(cut, Multihash.FromBytes(cut.Bytes));
        Assert.True(cut.Matches(data));
        Assert.Equal(length >= Multihash.MinDigestLength, Multihash.IsAcceptable(cut, out _));
    });

    [Theory]
    [InlineData("shake-256")]
    [InlineData("blake3")]
    public void Digests_of_any_length_are_those_of_the_library(string name) => Seeded.Run(40, random =>
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        byte[] data = random.Bytes(RandomLength(random));
        byte[] expected = new byte[random.Next(1, Multihash.MaxDigestLength + 1)];
        var digest = (IXof)Function(name);
        digest.BlockUpdate(data, 0, data.Length);
        digest.OutputFinal(expected, 0, expected.Length);

        Assert.Equal(expected, Multihash.Compute(code, data, expected.Length).Digest.ToArray());
    });

    [Fact]
    public void Blake3_is_that_of_the_package_for_data_of_many_chunks() => Seeded.Run(20, random =>
    {
        byte[] data = random.Bytes(random.Next(1 << random.Next(10, 21)));
        Assert.Equal(Hasher.Hash(data).AsSpan().ToArray(), Multihash.Compute(MultihashCode.Blake3, data).Digest.ToArray());
    });

    /// <summary>Often at, before or after a multiple of a block or a chunk.</summary>
    private static int RandomLength(Random random) =>
        random.Next(3) == 0 ? random.Next(3000) : Math.Max(0, (new[] { 64, 128, 136, 72, 1024 }[random.Next(5)] * random.Next(10)) + random.Next(-1, 2));

    private static byte[] Digest(string name, byte[] data) => name == "dbl-sha2-256" ? Run("sha2-256", Run("sha2-256", data)) : Run(name, data);

    private static byte[] Run(string name, byte[] data)
    {
        IDigest digest = Function(name);
        byte[] result = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(data, 0, data.Length);
        digest.DoFinal(result, 0);
        return result;
    }

    private static IDigest Function(string name)
    {
        int bits = int.TryParse(name.AsSpan(name.LastIndexOf('-') + 1), out int value) ? value : 0;
        return name switch
        {
            "sha1" => new Sha1Digest(),
            "sha2-256" => new Sha256Digest(),
            "sha2-512" => new Sha512Digest(),
            "blake3" => new Blake3Digest(),
            _ when name.StartsWith("sha3-", StringComparison.Ordinal) => new Sha3Digest(bits),
            _ when name.StartsWith("shake-", StringComparison.Ordinal) => new ShakeDigest(bits),
            _ when name.StartsWith("keccak-", StringComparison.Ordinal) => new KeccakDigest(bits),
            _ when name.StartsWith("blake2b-", StringComparison.Ordinal) => new Blake2bDigest(bits),
            _ when name.StartsWith("blake2s-", StringComparison.Ordinal) => new Blake2sDigest(bits),
            _ => throw new ArgumentException($"no library function for {name}", nameof(name)),
        };
    }
}
