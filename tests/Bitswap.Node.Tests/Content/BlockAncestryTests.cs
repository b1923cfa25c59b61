using System.Text;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Content;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Content;

public sealed class BlockAncestryTests
{
    private readonly BlockAncestry _ancestry = new();

    [Fact]
    public void The_blocks_above_one_come_in_their_order()
    {
        Block leaf = Samples.Block(1);
        Block middle = Parent(leaf.Cid);
        Block root = Parent(middle.Cid, Samples.Block(2).Cid);
        Visit(root, middle);

        Assert.Equal([middle.Cid, root.Cid], _ancestry.Of(leaf.Cid, 4));
        Assert.Equal([root.Cid], _ancestry.Of(leaf.Cid, 1));
        Assert.Equal([root.Cid], _ancestry.Of(middle.Cid, 4));
        Assert.Empty(_ancestry.Of(root.Cid, 4));
        Assert.Empty(_ancestry.Of(leaf.Cid, 0));
        Assert.Equal([root.Cid], _ancestry.Of(Samples.Block(2).Cid, 4));
    }

    [Fact]
    public void Of_a_block_that_nothing_is_known_to_link_to_the_roots_are_all_there_is()
    {
        Block[] roots = [Parent(Samples.Block(1).Cid), Parent(Samples.Block(2).Cid)];
        Visit(roots);
        Assert.Equal(roots.Select(root => root.Cid), _ancestry.Of(Samples.Block(3).Cid, 4));
        Assert.Equal([roots[1].Cid], _ancestry.Of(Samples.Block(2).Cid, 4));
    }

    [Fact]
    public void Blocks_that_have_no_links_or_cannot_be_read_are_no_harm()
    {
        Block raw = Samples.Block(1);
        byte[] bad = "{"u8.ToArray();
        Cid broken = Cid.Compute(Multicodec.DagJson, bad);
        Cid unknown = Cid.CreateV1(0x9999, raw.Cid.Hash);
        Cid identity = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Identity, "hi"u8));
        _ancestry.Read(raw.Cid, raw.Data);
        _ancestry.Read(broken, bad);
        _ancestry.Read(unknown, raw.Data);
        Block root = Parent(identity);
        Visit(root);
        Assert.Equal([root.Cid], _ancestry.Of(identity, 4));
    }

    [Fact]
    public void What_was_used_longest_ago_is_forgotten_and_the_root_never()
    {
        // one that links to each of the others, each of which links to a thousand
        Block[] middles = [.. Enumerable.Range(0, 70).Select(i => Parent(Enumerable.Range(0, 1000).Select(j => Leaf((i * 1000) + j))))];
        Block root = Parent(middles.Select(middle => middle.Cid));
        Visit(root);
        foreach (Block middle in middles)
        {
            Visit(middle);
        }

        Assert.Equal([middles[^1].Cid, root.Cid], _ancestry.Of(Leaf(69_999), 4));
        Assert.Equal([root.Cid], _ancestry.Of(Leaf(0), 4));
        Assert.Equal([root.Cid], _ancestry.Of(middles[0].Cid, 4));
    }

    [Fact]
    public void A_chain_of_any_length_is_followed_so_far_and_its_root_is_there()
    {
        List<Block> chain = [Parent(Leaf(1))];
        while (chain.Count < 1000)
        {
            chain.Add(Parent(chain[^1].Cid));
        }

        Visit([.. Enumerable.Reverse(chain)]);
        Assert.Equal([chain[0].Cid, chain[1].Cid, chain[2].Cid, chain[^1].Cid], _ancestry.Of(Leaf(1), 4));
    }

    [Fact]
    public void However_blocks_are_visited_what_is_above_one_is_above_it() => Seeded.Run(20, random =>
    {
        BlockAncestry ancestry = new();
        List<(Block Block, int[] Children)> blocks = [.. Enumerable.Range(0, 10).Select(i => (Samples.Block(random.Next()), Array.Empty<int>()))];
        while (blocks.Count < 60)
        {
            int[] children = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => random.Next(blocks.Count))];
            blocks.Add((Parent(children.Select(child => blocks[child].Block.Cid)), children));
        }

        HashSet<int> read = [];
        for (int i = 0; i < 300; i++)
        {
            int next = random.Next(blocks.Count);
            ancestry.Asked(blocks[next].Block.Cid);
            ancestry.Read(blocks[next].Block.Cid, blocks[next].Block.Data);
            read.Add(next);
            int child = random.Next(blocks.Count);
            IReadOnlyList<Cid> above = ancestry.Of(blocks[child].Block.Cid, 16);
            Assert.Equal(above.Distinct(), above);
            Assert.DoesNotContain(blocks[child].Block.Cid, above);
            int[] parents = [.. read.Where(parent => blocks[parent].Children.Any(other => blocks[other].Block.Cid.Equals(blocks[child].Block.Cid)))];
            if (parents.Length > 0)
            {
                Assert.Contains(above[0], parents.Select(parent => blocks[parent].Block.Cid));
            }
        }
    });

    private void Visit(params Block[] blocks)
    {
        foreach (Block block in blocks)
        {
            _ancestry.Asked(block.Cid);
            _ancestry.Read(block.Cid, block.Data);
        }
    }

    private static Cid Leaf(int number) => Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(number));

    private static Block Parent(params IEnumerable<Cid> children)
    {
        byte[] data = Encoding.UTF8.GetBytes($"[{string.Join(',', children.Select(child => $"{{\"/\":\"{child}\"}}"))}]");
        return new Block(Cid.Compute(Multicodec.DagJson, data), data);
    }
}
