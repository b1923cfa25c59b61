using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Hashing;

namespace Bitswap.Multiformats.Tests;

public sealed class KnownBlockTests
{
    public static TheoryData<string> HashFunctions => [.. Multicodec.HashNames];

    [Theory]
    [MemberData(nameof(HashFunctions))]
    public void The_block_of_zero_bytes_is_known_under_every_hash_function(string name)
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        Multihash hash = Multihash.Compute(code, []);

        Assert.True(KnownBlock.TryGet(hash, out ReadOnlyMemory<byte> data));
        Assert.True(data.IsEmpty);
        Assert.Equal(code == MultihashCode.Identity, KnownBlock.Is(Multihash.Compute(code, [0])));
    }

    [Theory]
    [MemberData(nameof(HashFunctions))]
    public void It_is_known_by_every_length_of_digest_that_is_accepted(string name)
    {
        Assert.True(Multicodec.TryGetCode(name, out ulong code));
        for (int length = 1; length <= Multihash.MaxDigestLength; length++)
        {
            Multihash hash;
            try
            {
                hash = Multihash.Compute(code, [], length);
            }
            catch (MultiformatException)
            {
                continue;
            }

            Assert.Equal(Multihash.IsAcceptable(hash, out _), KnownBlock.Is(hash));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    public void The_data_of_an_identity_hash_is_in_it(int length)
    {
        byte[] block = [.. Enumerable.Range(0, length).Select(i => (byte)i)];

        Assert.True(KnownBlock.TryGet(Multihash.FromDigest(MultihashCode.Identity, block), out ReadOnlyMemory<byte> data));
        Assert.Equal(block, data.ToArray());
    }

    [Fact]
    public void What_may_name_no_block_is_not_known()
    {
        Assert.False(KnownBlock.Is(default));
        Assert.False(KnownBlock.Is(Multihash.FromDigest(MultihashCode.Identity, new byte[129])));
        Assert.False(KnownBlock.Is(Multihash.FromDigest(0xd5, [])));
        Assert.False(KnownBlock.Is(Multihash.Compute(MultihashCode.Sha256, [], 19)));
        Assert.True(KnownBlock.Is(Multihash.Compute(MultihashCode.Sha256, [], 20)));
    }

    [Fact]
    public void Whoever_gets_the_data_may_write_into_it()
    {
        Multihash hash = Multihash.FromDigest(MultihashCode.Identity, [1, 2, 3]);
        Assert.True(KnownBlock.TryGet(hash, out ReadOnlyMemory<byte> data));
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(data).Span.Clear();

        Assert.Equal([1, 2, 3], hash.Digest.ToArray());
    }
}
