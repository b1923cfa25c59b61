using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>What is checked of a tree before any of its files is fetched: names, links, codecs, size and free space.</summary>
public sealed class SaveCheckTests : IDisposable
{
    private static readonly SaveOptions _skip = new() { SkipUnsafe = true };
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_that_cannot_be_saved_is_named_at_once_before_a_file_is_fetched()
    {
        (Cid root, Cid content) = TreeWithOffenders();

        UnsavableException refused = await Assert.ThrowsAsync<UnsavableException>(() => SaveAsync(root, "tree"));

        Assert.Equal("UnsafeName", refused.ErrorId);
        Assert.Equal(
            [("..", "UnsafeName"), ("con", "UnsafeName"), ("data", "UnsupportedCodec"), ("evil", "UnsafeLink"), ("sub/a:b", "UnsafeName"), ("sub/out", "UnsafeLink")],
            refused.Entries.Select(entry => (entry.RelativePath, entry.ErrorId)).OrderBy(entry => entry.RelativePath, StringComparer.Ordinal));
        Assert.Equal(6, refused.Count);
        Assert.StartsWith("6 entries cannot be saved:\n  ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'evil' cannot be saved, a symlink to '/etc/passwd': it is absolute.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'data' cannot be saved: it is a block of dag-cbor, which is no file.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'sub/a:b' cannot be saved, because of its name: it has a colon", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(content, _graph.Asked);
        Assert.Empty(_folder.All());
    }

    [Fact]
    public async Task The_rest_is_saved_on_demand_and_what_is_left_out_is_listed()
    {
        (Cid root, _) = TreeWithOffenders();

        SaveResult saved = await SaveAsync(root, "tree", _skip);

        Assert.Equal(["tree", "tree/big", "tree/link", "tree/sub", "tree/sub/fine"], _folder.All());
        Assert.Equal((2, 2, 1), (saved.Files, saved.Directories, saved.Symlinks));
        Assert.Equal(["..", "con", "data", "evil", "sub/a:b", "sub/out"], saved.Skipped.Select(entry => entry.RelativePath).Order(StringComparer.Ordinal));
        Assert.Equal(6, saved.SkippedCount);
        Assert.Equal(1000, new FileInfo(_folder["tree/big"]).Length);

        // the same again is the same, whether it is told to leave them out or not
        Assert.True((await SaveAsync(root, "tree", _skip)).IsUnchanged);
        await Assert.ThrowsAsync<UnsavableException>(() => SaveAsync(root, "tree"));
        Assert.True((await SaveAsync(root, "tree", _skip with { Force = true })).IsUnchanged);
    }

    [Fact]
    public async Task Of_names_that_are_one_at_the_destination_the_first_is_saved()
    {
        Cid root = _graph.Directory(
            _graph.Directory("A", _graph.Text("1", "x")),
            _graph.Directory("a", _graph.Text("2", "y"), _graph.Directory("deep", _graph.Text("3", "z"))),
            _graph.Text("4", "b")).Cid;

        SaveResult saved = await SaveAsync(root, "tree", _skip with { IgnoreCase = true });

        Assert.Equal(["tree", "tree/A", "tree/A/x", "tree/b"], _folder.All());
        Assert.Equal("a", Assert.Single(saved.Skipped).RelativePath);
    }

    [Fact]
    public async Task What_is_saved_itself_cannot_be_left_out()
    {
        await Assert.ThrowsAsync<UnsavableException>(() => SaveAsync(_graph.Symlink("/etc/passwd", "").Cid, "link", _skip));
        Cid foreign = _graph.Put(Multicodec.DagCbor, [0xA0]);
        Assert.Equal("UnsupportedCodec", (await Assert.ThrowsAnyAsync<DagException>(() => SaveAsync(foreign, "data", _skip))).ErrorId);
        Assert.Empty(_folder.All());
    }

    [Fact]
    public async Task Names_of_strangers_reach_a_message_without_control_characters()
    {
        Cid root = _graph.Directory(_graph.Text("x", "a\u001b[2Jb"), _graph.Text("x", "c\nd"), _graph.Symlink("/\u202e\u0007gpj", "link")).Cid;

        UnsavableException refused = await Assert.ThrowsAsync<UnsavableException>(() => SaveAsync(root, "tree"));

        Assert.Contains("'a\\u{1B}[2Jb'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'c\\u{A}d'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'/\\u{202E}\\u{7}gpj'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Message.Replace("\n", "", StringComparison.Ordinal), char.IsControl);
        Assert.Contains("u{1B}", (await Assert.ThrowsAsync<DagException>(() => SaveAsync(root, "\u001b"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offenders_are_kept_up_to_a_bound_and_counted_beyond_it()
    {
        DagPbLink[] entries = [.. Enumerable.Range(0, SaveRules.MaxKept + 10).Select(i => _graph.Symlink("/out", $"link{i}"))];

        UnsavableException refused = await Assert.ThrowsAsync<UnsavableException>(() => SaveAsync(_graph.Directory(entries).Cid, "tree"));

        Assert.Equal((SaveRules.MaxKept, SaveRules.MaxKept + 10), (refused.Entries.Count, refused.Count));
        Assert.Contains("and 990 more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Few_blocks_that_claim_a_terabyte_are_refused_by_default()
    {
        // ten blocks: each level links to the one below ten times, a file of 10^12 bytes at the top
        DagPbLink part = _graph.Raw(new byte[1000]);
        long total = 1000;
        DagPbLink file = part;
        while (total < 1_000_000_000_000)
        {
            ulong below = (ulong)total;
            file = _graph.Node(
                new UnixFsData { Type = UnixFsType.File, FileSize = below * 10, BlockSizes = [.. Enumerable.Repeat(below, 10)] }, [.. Enumerable.Repeat(file with { Name = "" }, 10)]);
            total *= 10;
        }

        foreach (Cid root in (Cid[])[file.Cid, _graph.Directory(_graph.Text("x", "a"), file with { Name = "bomb" }).Cid])
        {
            DagException refused = await Assert.ThrowsAsync<DagException>(() => SaveAsync(root, "bomb"));
            Assert.Equal("DagLimitExceeded", refused.ErrorId);
            Assert.Contains("MaxTotalSize", refused.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(part.Cid, _graph.Asked);
        Assert.Empty(_folder.All());
        SaveOptions large = new() { MaxTotalSize = 1L << 62, MeasureFree = _ => 500L << 30 };
        SaveException full = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(file.Cid, "bomb", large));
        Assert.Equal("DiskFull", full.ErrorId);
        Assert.Contains("1,000,000,000,000 bytes", full.Message, StringComparison.Ordinal);
        Assert.Contains("room for 536,870,912,000", full.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(part.Cid, _graph.Asked);
        Assert.Empty(_folder.All());
    }

    [Fact]
    public async Task A_folder_of_a_million_entries_made_of_few_blocks_is_refused_by_default()
    {
        DagPbLink folder = _graph.Directory([.. Enumerable.Range(0, 100).Select(i => _graph.Text("x", $"f{i}"))]);
        for (int level = 0; level < 2; level++)
        {
            folder = _graph.Directory([.. Enumerable.Range(0, 100).Select(i => folder with { Name = $"d{i}" })]);
        }

        DagException refused = await Assert.ThrowsAsync<DagException>(() => SaveAsync(folder.Cid, "bomb"));

        Assert.Equal("DagLimitExceeded", refused.ErrorId);
        Assert.Contains("MaxEntries", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.All());
    }

    // the size in a link to a raw block is a claim that only the block disproves
    [Fact]
    public async Task A_bound_that_is_met_while_files_are_written_leaves_nothing()
    {
        DagPbLink[] liars = [.. Enumerable.Range(0, 50).Select(i => _graph.Raw(TestGraph.Bytes(1000), $"f{i:D2}") with { Tsize = 1 })];

        DagException refused = await Assert.ThrowsAsync<DagException>(() => SaveAsync(_graph.Directory(liars).Cid, "tree", new SaveOptions { MaxTotalSize = 20_000 }));

        Assert.Equal("DagLimitExceeded", refused.ErrorId);
        Assert.Contains(liars[^1].Cid, _graph.Asked);
        Assert.Empty(_folder.All());
    }

    [Theory]
    [InlineData(5_000, 14_999, false)]
    [InlineData(5_000, 15_000, true)]
    [InlineData(50_000, 9_999, false)]
    [InlineData(50_000, 10_000, true)]
    public async Task A_save_needs_its_bytes_free_and_a_large_one_a_reserve(long keep, long free, bool fits)
    {
        Cid root = _graph.Directory(_graph.Raw(TestGraph.Bytes(4000), "a"), _graph.Balanced(TestGraph.Bytes(6000), 100, 8, "b")).Cid;
        SaveOptions options = new() { KeepFree = keep, MeasureFree = folder => folder == _folder.Path ? free : null };
        if (fits)
        {
            await SaveAsync(root, "tree", options);
            return;
        }

        Assert.Equal("DiskFull", (await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, "tree", options))).ErrorId);
        Assert.DoesNotContain(_graph.Raw(TestGraph.Bytes(4000)).Cid, _graph.Asked);
        Assert.Empty(_folder.All());

        // what is there already needs no room
        await SaveAsync(root, "tree");
        await SaveAsync(root, "tree", options with { Force = true });
    }

    [Fact]
    public async Task Space_that_runs_out_meanwhile_ends_the_save_and_nothing_of_it_stays()
    {
        const int Chunk = 1 << 20;
        Cid root = _graph.Directory(_graph.Text("x", "a"), _graph.Balanced(new byte[70 * Chunk], Chunk, 100, "b")).Cid;
        int looks = 0;
        SaveOptions options = new() { MeasureFree = _ => ++looks == 1 ? 1L << 40 : 0 };

        SaveException full = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, "tree", options));

        Assert.Equal(("DiskFull", 2), (full.ErrorId, looks));
        Assert.Empty(_folder.All());
    }

    [Fact]
    public void Entries_without_bytes_count_as_well()
    {
        int looks = 0;
        SaveRoom room = new(_folder["tree"], new SaveOptions { MeasureFree = _ => ++looks < 3 ? 1L << 40 : 0 });
        room.Check(new SavePlan(1 << 20, 1 << 20));
        int entries = 0;
        Assert.Equal("DiskFull", Assert.Throws<SaveException>(() =>
        {
            for (; entries < 1_000_000; entries++)
            {
                room.CountEntry();
            }
        }).ErrorId);
        Assert.InRange(entries, 10_000, 100_000);
    }

    [Fact]
    public void Each_limit_of_a_save_is_refused_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaveOptions { MaxTotalSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaveOptions { MaxEntries = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaveOptions { KeepFree = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaveOptions { KeepFree = (1L << 40) + 1 });
    }

    private (Cid Root, Cid Content) TreeWithOffenders()
    {
        byte[] content = TestGraph.Bytes(1000);
        Cid root = _graph.Directory(
            _graph.Text("x", ".."),
            _graph.Balanced(content, 100, 4, "big"),
            _graph.Directory("con", _graph.Symlink("/out", "x")),
            new DagPbLink(_graph.Put(Multicodec.DagCbor, [0xA0]), "data", 1),
            _graph.Symlink("/etc/passwd", "evil"),
            _graph.Symlink("big", "link"),
            _graph.Directory("sub", _graph.Text("x", "a:b"), _graph.Text("fine", "fine"), _graph.Symlink("../../out", "out"))).Cid;
        return (root, _graph.Raw(content[..100]).Cid);
    }

    private Task<SaveResult> SaveAsync(Cid cid, string name, SaveOptions? options = null) =>
        new UnixFsSaver(_graph.Reader(), options).SaveAsync(cid, _folder.Path, name);
}
