using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Tests;

public sealed class DictionaryTests
{
    [Fact]
    public void A_block_is_found_by_its_multihash_whatever_names_it()
    {
        Cid v0 = Cid.Parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
        var blocks = new Dictionary<Multihash, string> { [v0.Hash] = "block" };

        Assert.Equal("block", blocks[v0.ToV1().Hash]);
        Assert.Equal("block", blocks[Cid.CreateV1(Multicodec.Raw, v0.Hash).Hash]);
        Assert.Equal("block", blocks[Multihash.FromBytes(v0.Bytes)]);
        Assert.False(blocks.ContainsKey(Multihash.Compute(MultihashCode.Sha256, [1])));
        Assert.False(blocks.ContainsKey(default));
    }

    [Fact]
    public void Cids_of_different_version_or_codec_are_different_keys()
    {
        Cid v0 = Cid.Parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
        var keys = new HashSet<Cid> { v0, v0.ToV1(), Cid.CreateV1(Multicodec.Raw, v0.Hash), Cid.CreateV1(Multicodec.DagCbor, v0.Hash) };

        Assert.Equal(4, keys.Count);
        Assert.Contains(Cid.Parse(v0.ToString()), keys);
        Assert.Contains(Cid.Parse(v0.ToV1().ToString(MultibaseEncoding.Base36)), keys);
    }

    [Fact]
    public void Equal_peers_and_addresses_are_one_key()
    {
        const string Text = "/ip4/1.2.3.4/tcp/1/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV";
        var addresses = new HashSet<Multiaddr> { Multiaddr.Parse(Text), Multiaddr.Parse(Text + "/"), Multiaddr.FromBytes(Multiaddr.Parse(Text).Bytes) };
        var peers = new HashSet<PeerId> { Multiaddr.Parse(Text).PeerId!, PeerId.Parse(Multiaddr.Parse(Text).PeerId!.ToCid().ToString()) };

        Assert.Single(addresses);
        Assert.Single(peers);
    }

    [Fact]
    public void Every_byte_of_a_digest_counts_in_the_hash_code()
    {
        // Odd and even lengths: a last odd byte is easily forgotten. 32-bit codes may meet by chance, seldom.
        foreach (int length in new[] { 20, 21, 31, 32, 64, 65 })
        {
            var codes = new HashSet<int>();
            for (int i = 0; i < length * 8; i++)
            {
                byte[] digest = new byte[length];
                digest[i / 8] = (byte)(1 << (i % 8));
                codes.Add(Multihash.FromDigest(MultihashCode.Identity, digest).GetHashCode());
            }

            Assert.InRange(codes.Count, (length * 8) - 2, length * 8);
        }
    }

    [Fact]
    public void Digests_that_collide_under_a_plain_polynomial_do_not_collide_here()
    {
        // Under h * 31 + b the bytes (0, 31) and (1, 0) are the same, so all these digests would have one code.
        var codes = new HashSet<int>();
        for (int choice = 0; choice < 256; choice++)
        {
            byte[] digest = new byte[32];
            for (int bit = 0; bit < 8; bit++)
            {
                bool set = (choice >> bit & 1) != 0;
                digest[2 * bit] = set ? (byte)1 : (byte)0;
                digest[(2 * bit) + 1] = set ? (byte)0 : (byte)31;
            }

            codes.Add(Multihash.FromDigest(MultihashCode.Sha256, digest).GetHashCode());
        }

        Assert.InRange(codes.Count, 254, 256);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var map = new Dictionary<Multihash, int>();
        var cids = new Dictionary<Cid, int>();
        Cid[] keys = [.. Enumerable.Range(0, 1000).Select(i => Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)))];
        for (int i = 0; i < keys.Length; i++)
        {
            map.Add(keys[i].Hash, i);
            cids.Add(keys[i], i);
        }

        Cid[] others = [.. keys.Select(key => Cid.FromBytes(key.Bytes))];
        int sum = map[others[0].Hash] + cids[others[0]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Cid other in others)
        {
            sum += map[other.Hash] + cids[other];
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000 * 999, sum);
    }
}
