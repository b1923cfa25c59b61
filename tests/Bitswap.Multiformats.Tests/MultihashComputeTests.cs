using System.Text;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Tests;

public sealed class MultihashComputeTests
{
    public static TheoryData<string> HashNames => [.. Multicodec.HashNames];

    [Theory]
    [MemberData(nameof(HashNames))]
    public void Every_accepted_function_computes_matches_and_reads_back(string name)
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        byte[] data = Encoding.ASCII.GetBytes("a block of " + name);

        Multihash hash = Multihash.Compute(code, data);

        Assert.Equal((name, code), (hash.Name, hash.Code));
        Assert.True(Multihash.IsAcceptable(hash, out string? reason), reason);
        Assert.True(hash.Matches(data));
        Assert.False(hash.Matches(data.AsSpan(1)));
        Assert.Equal(hash, Multihash.FromBytes(hash.Bytes));
        Assert.Equal(hash, Multihash.FromDigest(code, hash.Digest));
        if (code != MultihashCode.Identity)
        {
            Multihash shorter = Multihash.Compute(code, data, 20);
            Assert.Equal(20, shorter.Digest.Length);
            Assert.True(shorter.Digest.SequenceEqual(hash.Digest[..20]));
            Assert.True(shorter.Matches(data));
        }
    }

    // The digests of "abc" as the functions' own specifications have them (FIPS 180-4, FIPS 202, RFC 7693; the BLAKE3 and Keccak papers' code).
    [Theory]
    [InlineData("sha1", "1114a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("sha2-256", "1220ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha2-512",
        "1340"
        + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    [InlineData("dbl-sha2-256", "56204f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358")]
    [InlineData("sha3-224", "171ce642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf")]
    [InlineData("sha3-256", "16203a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    [InlineData("sha3-384", "1530ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25")]
    [InlineData("sha3-512",
        "1440"
        + "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
        + "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0")]
    [InlineData("shake-256",
        "1940"
        + "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739"
        + "d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4")]
    [InlineData("keccak-256", "1b204e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("blake3", "1e206437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85")]
    [InlineData("blake2b-256", "a0e40220bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")]
    [InlineData("blake2b-512",
        "c0e4"
        + "0240ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbff"
        + "a2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")]
    [InlineData("blake2b-160", "94e40214384264f676f39536840523f284921cdc68b6846b")]
    [InlineData("blake2s-256", "e0e40220508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")]
    public void Digests_of_abc_are_pinned(string name, string hex)
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        Assert.Equal(hex, Multihash.Compute(code, "abc"u8).ToString());
        Assert.True(Multihash.FromBytes(Convert.FromHexString(hex)).Matches("abc"u8));
    }

    [Theory]
    [InlineData("blake3")]
    [InlineData("shake-256")]
    public void Extendable_functions_give_up_to_the_bound(string name)
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        Multihash longest = Multihash.Compute(code, "abc"u8, Multihash.MaxDigestLength);

        Assert.True(longest.Matches("abc"u8));
        Assert.True(Multihash.IsAcceptable(longest, out _));
        Assert.True(longest.Digest.StartsWith(Multihash.Compute(code, "abc"u8).Digest));
    }
}
