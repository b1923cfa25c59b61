using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Walk;

public sealed class DagCursorTests
{
    private readonly GraphStore _store = new();
    private readonly Dictionary<Cid, Cid[]> _folders = [];

    [Fact]
    public async Task Of_folders_the_links_that_were_not_come_to_are_left()
    {
        Cid a = _store.Raw(1), b = _store.Raw(2), c = _store.Raw(3), d = _store.Raw(4);
        Cid left = _store.Node(("a", a), ("b", b));
        Cid deep = _store.Node(("d", d));
        Cid right = _store.Node(("b", b), ("c", c), ("e", deep));
        Cid root = _store.Node(("1", left), ("2", d), ("3", right), ("4", deep));

        Assert.Equal([left, right, deep], (await FollowAsync(root, 1)).Rest().Select(rest => rest.Root));
        Assert.Equal([right, deep], (await FollowAsync(root, 2)).Rest().Select(rest => rest.Root));
        Assert.Equal([right, deep], (await FollowAsync(root, 4)).Rest().Select(rest => rest.Root));

        // What has no links of its own is not told: no graph begins with it.
        DagCursor cursor = await FollowAsync(root, 6);
        Assert.Equal([deep, deep], cursor.Rest().Select(rest => rest.Root));
        Assert.All(cursor.Rest(), rest => Assert.Equal((null, rest.Root), (rest.From, Assert.Single(rest.Awaited))));

        // A block that occurs again came before.
        Assert.Equal([deep], (await FollowAsync(root, 8)).Rest().Select(rest => rest.Root));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(350)]
    public async Task Of_a_file_of_several_levels_the_rest_begins_with_the_first_byte_that_did_not_come(int taken)
    {
        (Cid root, byte[] content) = await FileAsync(3, 400 * 500);
        DagCursor cursor = await FollowAsync(root, taken);
        long came = (await BlocksAsync(root)).Take(taken).Where(block => block.Cid.Codec == Multicodec.Raw).Sum(block => block.Data.Length);

        DagRest rest = Assert.Single(cursor.Rest());

        Assert.Equal(root, rest.Root);
        Assert.Equal(came, rest.From);
        Assert.Equal(content.Length - came, rest.Size);
    }

    [Fact]
    public async Task It_goes_on_with_blocks_that_repeat_the_way_to_what_is_left()
    {
        (Cid root, _) = await FileAsync(4, 400 * 500);
        List<DagWalkItem> blocks = await BlocksAsync(root);
        DagCursor cursor = await FollowAsync(root, 250);
        cursor.Take(root, blocks[0].Data);
        foreach (DagWalkItem block in blocks.Skip(250))
        {
            cursor.Take(block.Cid, block.Data);
        }

        Assert.False(cursor.IsLost);
        Assert.Empty(cursor.Rest());
    }

    [Fact]
    public async Task Of_blocks_of_another_graph_or_order_nothing_is_said()
    {
        (Cid root, _) = await FileAsync(5, 400 * 500);
        List<DagWalkItem> blocks = await BlocksAsync(root);
        DagCursor first = new(root);
        first.Take(blocks[1].Cid, blocks[1].Data);
        Assert.True(first.IsLost);
        Assert.Empty(first.Rest());

        DagCursor later = new(root);
        foreach (DagWalkItem block in blocks.Take(1).Concat(blocks.Skip(1).Reverse()))
        {
            later.Take(block.Cid, block.Data);
        }

        Assert.True(later.IsLost);
        Assert.Empty(later.Rest());

        DagCursor damaged = new(root);
        damaged.Take(root, new byte[] { 1, 2, 3 });
        Assert.True(damaged.IsLost);
    }

    [Fact]
    public async Task Blocks_of_the_way_that_come_again_and_again_are_another_order()
    {
        (Cid root, _) = await FileAsync(6, 400 * 500);
        List<DagWalkItem> blocks = await BlocksAsync(root);
        DagCursor cursor = await FollowAsync(root, 10);

        // Two levels are open.
        for (int i = 0; i < 18; i++)
        {
            cursor.Take(root, blocks[0].Data);
        }

        Assert.False(cursor.IsLost);
        cursor.Take(blocks[10].Cid, blocks[10].Data);
        for (int i = 0; i < 19; i++)
        {
            Assert.False(cursor.IsLost);
            cursor.Take(root, blocks[0].Data);
        }

        Assert.True(cursor.IsLost);
    }

    [Fact]
    public Task Wherever_a_block_occurs_its_place_is_the_next_one_in_the_deepest_folder() => Seeded.RunAsync(async random =>
    {
        GraphStore store = new();
        Cid[] leaves = [.. Enumerable.Range(1, 40).Select(i => store.Raw((byte)i))];
        List<(Cid Cid, Cid[] Links)> open = [];
        Cid root = Folder();
        DagCursor cursor = new(root);
        await TakeAsync(root);
        for (int i = 0; i < 3000 && open.Count > 0; i++)
        {
            // what comes next is any link that is left, of any level, or one that is nowhere
            Cid[] choices = [.. open.SelectMany(level => level.Links)];
            Cid cid = choices.Length == 0 || random.Next(8) == 0 ? leaves[random.Next(leaves.Length)] : choices[random.Next(Math.Min(choices.Length, 60))];
            int level = open.FindLastIndex(one => one.Links.Any(link => link.Hash.Equals(cid.Hash)));
            if (level >= 0)
            {
                open.RemoveRange(level + 1, open.Count - level - 1);
                Cid[] links = open[level].Links;
                open[level] = (open[level].Cid, links[(Array.FindIndex(links, link => link.Hash.Equals(cid.Hash)) + 1)..]);
                await TakeAsync(cid);
            }
            else
            {
                cursor.Take(cid, await store.ReadAsync(cid, default));
            }

            if (cursor.IsLost)
            {
                return;
            }

            Assert.Equal(
                open.AsEnumerable().Reverse().SelectMany(one => one.Links).Where(link => link.Codec != Multicodec.Raw),
                cursor.Rest().Select(rest => rest.Root));
        }

        async Task TakeAsync(Cid cid)
        {
            int links = cursor.Take(cid, await store.ReadAsync(cid, default)).Count;
            if (cid.Codec != Multicodec.Raw)
            {
                open.Add((cid, _folders[cid]));
                Assert.Equal(_folders[cid].Length, links);
            }
        }

        Cid Folder(int depth = 0)
        {
            Cid[] links = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => depth < 4 && random.Next(4) == 0 ? Folder(depth + 1) : leaves[random.Next(leaves.Length)])];
            Cid folder = store.Node([.. links.Select((link, i) => ($"{i:D3}", link))]);
            _folders[folder] = links;
            return folder;
        }
    });

    private async Task<(Cid Root, byte[] Content)> FileAsync(int seed, int size)
    {
        byte[] content = new byte[size];
        new Random(seed).NextBytes(content);
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V0_2015 with { CidVersion = 1, RawLeaves = true, FileLinks = 20, Chunker = new SizeChunker(500) } };
        using UnixFsImporter importer = new(options, (cid, data, _) =>
        {
            _store.Add(cid.Codec, data.ToArray());
            return ValueTask.CompletedTask;
        });
        using MemoryStream stream = new(content);
        return ((await importer.ImportAsync(stream)).Cid, content);
    }

    private async Task<List<DagWalkItem>> BlocksAsync(Cid root)
    {
        List<DagWalkItem> blocks = [];
        await foreach (DagWalkItem item in new DagWalker(_store.ReadAsync).WalkAsync([root]))
        {
            blocks.Add(item);
        }

        return blocks;
    }

    private async Task<DagCursor> FollowAsync(Cid root, int count)
    {
        DagCursor cursor = new(root);
        foreach (DagWalkItem block in (await BlocksAsync(root)).Take(count))
        {
            cursor.Take(block.Cid, block.Data);
        }

        return cursor;
    }
}
