using Bitswap.Node.Blockstores;
using Bitswap.Node.Collecting;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Collecting;

/// <summary>What a repository remembers of its blocks for the order in which they are collected.</summary>
public sealed class AddedBlocksTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _log = [];

    private string FilePath => _folder[AddedBlocks.FileName];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_added_is_known_to_the_next_one_who_opens_it()
    {
        Block[] blocks = Samples.Blocks(3000, 10);
        AddedBlocks added = Open();
        Note(added, blocks);
        added.Flush();
        Assert.Equal(Keys(blocks), Open().Read().Keys.Order());
        Assert.Empty(_log);
    }

    [Fact]
    public void A_key_that_was_written_in_part_is_passed_over_and_written_over()
    {
        Block[] blocks = Samples.Blocks(4, 10);
        AddedBlocks added = Open();
        Note(added, blocks[..3]);
        added.Flush();
        using (FileStream file = File.OpenWrite(FilePath))
        {
            file.SetLength(file.Length - 3);
        }

        AddedBlocks next = Open();
        Assert.Equal(Keys(blocks[..2]), next.Read().Keys.Order());
        Note(next, blocks[3..]);
        Assert.Equal(Keys([.. blocks[..2], blocks[3]]), next.Read().Keys.Order());
    }

    [Fact]
    public void A_file_of_another_program_is_made_anew_and_told()
    {
        File.WriteAllText(FilePath, "what another program keeps");
        AddedBlocks added = Open();
        Assert.Empty(added.Read().Keys);
        Assert.Contains(FilePath, Assert.Single(_log), StringComparison.Ordinal);
        Block[] blocks = Samples.Blocks(2, 10);
        Note(added, blocks);
        added.Flush();
        Assert.Equal(Keys(blocks), Open().Read().Keys.Order());
    }

    [Fact]
    public void What_is_gone_is_forgotten_and_what_came_since_stays()
    {
        Block[] blocks = Samples.Blocks(5000, 10);
        AddedBlocks added = Open();
        Note(added, blocks[..4000]);
        (_, int read) = added.Read();
        Note(added, blocks[4000..]);
        long before = new FileInfo(FilePath).Length;
        added.Keep(Keys(blocks[..10]).ToHashSet(), read);
        Assert.Equal(Keys([.. blocks[..10], .. blocks[4000..]]), added.Read().Keys.Order());
        Assert.True(new FileInfo(FilePath).Length < before);
    }

    [Fact]
    public void A_block_that_is_added_again_and_again_is_noted_once()
    {
        Block[] blocks = Samples.Blocks(2, 10);
        AddedBlocks added = Open();
        for (int i = 0; i < 10_000; i++)
        {
            Note(added, blocks);
        }

        added.Flush();
        Assert.Equal(8 + (2 * 8), new FileInfo(FilePath).Length);
        Assert.Equal(Keys(blocks), added.Read().Keys.Order());
    }

    [Fact]
    public void The_file_does_not_grow_with_each_restart_that_adds_the_same()
    {
        Block[] blocks = Samples.Blocks(5000, 10);
        for (int i = 0; i < 10; i++)
        {
            AddedBlocks added = Open();
            Note(added, blocks);
            added.Flush();
        }

        Assert.InRange(new FileInfo(FilePath).Length, 5000 * 8, 4 * 5000 * 8);
        Assert.Equal(Keys(blocks), Open().Read().Keys.Order());
    }

    [Fact]
    public void What_is_added_again_after_it_was_found_to_be_gone_is_known()
    {
        Block[] blocks = Samples.Blocks(5000, 10);
        AddedBlocks added = Open();
        Note(added, blocks);
        (_, int read) = added.Read();
        Note(added, blocks[..3]);
        added.Keep(Keys(blocks[10..20]).ToHashSet(), read);
        Assert.Equal(Keys([.. blocks[..3], .. blocks[10..20]]), added.Read().Keys.Order());
        Note(added, blocks[5..6]);
        Assert.Equal(Keys([.. blocks[..3], blocks[5], .. blocks[10..20]]), added.Read().Keys.Order());
    }

    [Fact]
    public void Of_more_than_it_holds_those_added_first_count_as_fetched()
    {
        Block[] blocks = Samples.Blocks(10, 10);
        AddedBlocks added = new(FilePath, new ListLoggerFactory(_log), capacity: 4);
        Note(added, blocks);
        Assert.Equal(Keys(blocks[6..]), added.Read().Keys.Order());
    }

    [Fact]
    public void The_order_of_use_forgets_the_half_that_was_used_longest_ago()
    {
        Block[] blocks = Samples.Blocks(9, 10);
        UseOrder order = new(capacity: 8);
        foreach (Block block in blocks)
        {
            order.Note(block.Cid.Hash);
        }

        Assert.All(blocks[..4], block => Assert.Equal(0, order.Of(block.Cid.Hash)));
        Assert.Equal([5, 6, 7, 8, 9], blocks[4..].Select(block => order.Of(block.Cid.Hash)));
    }

    [Fact]
    public void A_plan_takes_no_more_than_it_must_and_what_was_fetched_and_used_longest_ago_first()
    {
        Block[] blocks = Samples.Blocks(6, 10);
        CollectionPlan plan = new(bytes: 35);
        DateTime time = DateTime.UnixEpoch;
        (int Block, bool IsAdded, long Use, int Age)[] all = [(0, true, 0, 9), (1, false, 5, 1), (2, false, 0, 1), (3, false, 0, 2), (4, false, 7, 3), (5, true, 1, 1)];
        foreach ((int block, bool isAdded, long use, int age) in all)
        {
            plan.Add(new CollectionCandidate(blocks[block].Cid.Hash, 10, isAdded, use, time.AddDays(-age)));
        }

        Assert.Equal([3, 2, 1, 4], plan.Take().Select(candidate => Array.FindIndex(blocks, block => block.Cid.Hash == candidate.Hash)));
    }

    private static IEnumerable<ulong> Keys(IEnumerable<Block> blocks) => blocks.Select(block => UseOrder.KeyOf(block.Cid.Hash)).Order();

    private static void Note(AddedBlocks added, IEnumerable<Block> blocks)
    {
        foreach (Block block in blocks)
        {
            added.Note(block.Cid.Hash);
        }
    }

    private AddedBlocks Open() => new(FilePath, new ListLoggerFactory(_log));
}
