using System.Text;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class MultihashTests
{
    [Theory]
    [InlineData(MultihashCode.Sha1, "1114da39a3ee5e6b4b0d3255bfef95601890afd80709", "")]
    [InlineData(MultihashCode.DblSha256, "56205df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456", "")]
    [InlineData(MultihashCode.Identity, "0003616263", "abc")]
    public void Known_digests_are_pinned(ulong code, string hex, string text) =>
        Assert.Equal(hex, Multihash.Compute(code, Encoding.ASCII.GetBytes(text)).ToString());

    [Fact]
    public void Reading_leaves_what_follows()
    {
        byte[] bytes = [.. Multihash.Compute(MultihashCode.Sha256, [1]).Bytes, 9, 9];

        Assert.Equal(Multihash.Compute(MultihashCode.Sha256, [1]), Multihash.Read(bytes, out int consumed));
        Assert.Equal(34, consumed);
        Assert.True(Multihash.TryRead(bytes, out _, out consumed));
        Assert.Equal(34, consumed);
        Fails.With("InvalidMultihash", "2 bytes follow it", () => Multihash.FromBytes(bytes));
    }

    [Fact]
    public void A_multihash_cut_short_anywhere_is_refused()
    {
        byte[] bytes = Multihash.Compute(MultihashCode.Sha256, [1]).ToByteArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(Multihash.TryRead(bytes.AsSpan(0, length), out Multihash hash, out int consumed));
            Assert.True(hash.IsDefault);
            Assert.Equal(0, consumed);
            Assert.Throws<MultiformatException>(() => Multihash.FromBytes(bytes.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData("", "hash function code, the varint at byte 0, is cut short")]
    [InlineData("12", "digest length, the varint at byte 1, is cut short")]
    [InlineData("1220ab", "its digest has 32 bytes, of which 1 are there")]
    [InlineData("920020", "hash function code, the varint at byte 0, is not in its shortest form")]
    [InlineData("128100ff", "digest length, the varint at byte 1, is not in its shortest form")]
    [InlineData("12ffffffffffffffff7f00", "its digest has 9223372036854775807 bytes, of which 1 are there")]
    public void Malformed_bytes_are_refused_with_their_cause(string hex, string cause) =>
        Fails.With("InvalidMultihash", cause, () => Multihash.FromBytes(Convert.FromHexString(hex)));

    [Theory]
    [InlineData(0xd5, "UnsupportedHash", -1)]
    [InlineData(0x18, "UnsupportedHash", -1)]
    [InlineData(0x12, "InvalidMultihash", 0)]
    [InlineData(0x12, "InvalidMultihash", 33)]
    [InlineData(0x12, "InvalidMultihash", -2)]
    [InlineData(0x1e, "InvalidMultihash", 129)]
    [InlineData(0x19, "InvalidMultihash", 129)]
    [InlineData(0x00, "InvalidMultihash", 4)]
    [InlineData(0xb240, "InvalidMultihash", 65)]
    public void Computing_what_there_is_not_is_refused(ulong code, string errorId, int length) =>
        Assert.Equal(errorId, Assert.Throws<MultiformatException>(() => Multihash.Compute(code, [1, 2, 3], length)).ErrorId);

    [Theory]
    [InlineData(0x12, 20, null)]
    [InlineData(0x12, 32, null)]
    [InlineData(0x12, 19, "under the bound of 20")]
    [InlineData(0x12, 33, "more than sha2-256 makes")]
    [InlineData(0x13, 64, null)]
    [InlineData(0x13, 65, "more than sha2-512 makes")]
    [InlineData(0x11, 20, null)]
    [InlineData(0x11, 21, "more than sha1 makes")]
    [InlineData(0x00, 0, null)]
    [InlineData(0x00, 128, null)]
    [InlineData(0x00, 129, "over the bound of 128")]
    [InlineData(0x1e, 128, null)]
    [InlineData(0x1e, 129, "over the bound of 128")]
    [InlineData(0x19, 64, null)]
    [InlineData(0xd5, 16, "hash function 0xd5")]
    [InlineData(0x18, 32, "hash function 0x18")]
    [InlineData(0x20, 48, "hash function 0x20")]
    [InlineData(0xb213, 19, "hash function blake2b-152")]
    [InlineData(0xb214, 20, null)]
    [InlineData(0xb220, 32, null)]
    [InlineData(0xb240, 64, null)]
    [InlineData(0xb253, 19, "hash function blake2s-152")]
    [InlineData(0xb254, 20, null)]
    [InlineData(0xb260, 32, null)]
    [InlineData(0xb261, 33, "hash function 0xb261")]
    public void Only_the_allow_list_with_its_digest_bounds_is_acceptable(ulong code, int length, string? cause)
    {
        Multihash hash = Multihash.FromDigest(code, new byte[length]);

        Assert.Equal(cause is null, Multihash.IsAcceptable(hash, out string? reason));
        Assert.Contains(cause ?? "", reason ?? "");
    }

    [Fact]
    public void The_names_of_accepted_functions_are_those_of_the_allow_list() => Assert.Equal(
        [
            "identity", "sha1", "sha2-256", "sha2-512", "sha3-512", "sha3-384", "sha3-256", "sha3-224", "shake-256",
            "keccak-224", "keccak-256", "keccak-384", "keccak-512", "blake3", "dbl-sha2-256",
            .. Enumerable.Range(20, 45).Select(n => $"blake2b-{n * 8}"), .. Enumerable.Range(20, 13).Select(n => $"blake2s-{n * 8}"),
        ],
        Multicodec.HashNames);

    [Fact]
    public void A_default_multihash_is_nothing_and_harmless()
    {
        Multihash none = default;

        Assert.True(none.IsDefault);
        Assert.True(none.Bytes.IsEmpty);
        Assert.True(none.Digest.IsEmpty);
        Assert.Equal(0UL, none.Code);
        Assert.Equal("", none.ToString());
        Assert.False(none.Matches([]));
        Assert.False(Multihash.IsAcceptable(none, out string? reason));
        Assert.Equal("there is no hash", reason);
        Assert.Equal(default, none);
        Assert.NotEqual(none, Multihash.FromDigest(0, []));
        Assert.Equal(-1, Math.Sign(none.CompareTo(Multihash.FromDigest(0, []))));
    }

    [Fact]
    public void Matching_a_digest_that_the_function_cannot_make_is_false()
    {
        Assert.False(Multihash.FromDigest(0xd5, new byte[16]).Matches([1]));
        Assert.False(Multihash.FromDigest(0x12, []).Matches([1]));
        Assert.False(Multihash.FromDigest(0x12, new byte[200]).Matches([1]));
        Assert.False(Multihash.FromDigest(0x1e, new byte[200]).Matches([1]));
        Assert.True(Multihash.FromDigest(0, new byte[200]).Matches(new byte[200]));
    }

    [Fact]
    public void Order_is_bytewise()
    {
        var hashes = Enumerable.Range(0, 50).Select(i => Multihash.Compute(MultihashCode.Sha256, [(byte)i])).Order().ToList();

        for (int i = 1; i < hashes.Count; i++)
        {
            Assert.True(string.CompareOrdinal(hashes[i - 1].ToString(), hashes[i].ToString()) < 0);
            Assert.True(hashes[i - 1] < hashes[i] && hashes[i] > hashes[i - 1] && hashes[i - 1] <= hashes[i] && hashes[i] >= hashes[i - 1]);
            Assert.True(hashes[i] != hashes[i - 1] && hashes[i] == Multihash.FromBytes(hashes[i].Bytes));
        }
    }

    [Fact]
    public void Hashing_with_sha2_256_allocates_the_result_alone()
    {
        byte[] data = new byte[4096];
        Multihash.Compute(MultihashCode.Sha256, data);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Multihash hash = Multihash.Compute(MultihashCode.Sha256, data);
        long computed = GC.GetAllocatedBytesForCurrentThread() - before;
        bool matches = hash.Matches(data);
        long matched = GC.GetAllocatedBytesForCurrentThread() - before - computed;

        Assert.True(matches);
        Assert.Equal((64, 0), (computed, matched));
    }

    [Fact]
    public void Random_bytes_never_throw_and_read_back() => Seeded.Run(20_000, random =>
    {
        byte[] bytes = random.Bytes(random.Next(40));
        if (bytes.Length > 1 && random.Next(2) == 0)
        {
            bytes[0] &= 0x7F;
            bytes[1] = (byte)random.Next(bytes.Length);
        }

        if (Multihash.TryRead(bytes, out Multihash hash, out int consumed))
        {
            Assert.True(hash.Bytes.SequenceEqual(bytes.AsSpan(0, consumed)));
            Assert.Equal(hash, Multihash.FromDigest(hash.Code, hash.Digest));
        }
    });
}
