using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests;

/// <summary>A graph that is far away takes round trips by its depth and not by its width.</summary>
public sealed class FarGraphTests
{
    private const int Folders = 100;
    private const int FilesPerFolder = 10;
    private const int All = 1 + Folders + (Folders * FilesPerFolder);

    private readonly TestGraph _graph = new();
    private readonly RoundTrips _far;

    public FarGraphTests() => _far = new RoundTrips(_graph.ReadAsync);

    [Fact]
    public async Task A_walk_over_a_thousand_files_in_a_hundred_folders_takes_one_for_each_level()
    {
        Cid root = Tree(out _);
        int blocks = 0;

        Assert.Equal(3, await RoundTrips.CountAsync(_far, async () => blocks = await WalkAsync(root)));

        Assert.Equal(All, blocks);
        Assert.Equal(All, _graph.Asked.Count);
    }

    [Fact]
    public async Task A_listing_of_them_takes_one_for_each_level_of_folders()
    {
        Cid root = Tree(out _);
        int entries = 0;

        Assert.Equal(2, await RoundTrips.CountAsync(_far, async () =>
        {
            await foreach (UnixFsEntry _ in Reader().ListAsync(root, recurse: true).ConfigureAwait(false))
            {
                entries++;
            }
        }));

        Assert.Equal(All, entries);
    }

    [Fact]
    public async Task Their_content_takes_one_for_each_level()
    {
        Cid root = Tree(out _);
        int items = 0;

        Assert.Equal(3, await RoundTrips.CountAsync(_far, async () => items = await ReadAllAsync(root)));

        Assert.Equal(All, items);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_folder_that_comes_late_holds_up_nothing_but_what_is_in_it(bool walks)
    {
        Cid root = Tree(out DagPbLink[] folders);
        _far.Late[folders[0].Cid] = 5;

        // the root, the late folder, its files; and not then the files of the others
        Assert.Equal(1 + 6 + 1, await RoundTrips.CountAsync(_far, () => walks ? WalkAsync(root) : ReadAllAsync(root)));

        // all files of the others, and it
        Assert.Equal(((Folders - 1) * FilesPerFolder) + 1, _far.Widest);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Folders_that_come_one_after_another_are_followed_as_they_come(bool walks)
    {
        Cid root = Tree(out DagPbLink[] folders);
        for (int i = 0; i < folders.Length; i++)
        {
            _far.Late[folders[i].Cid] = folders.Length - i;
        }

        // the first is the last to come
        Assert.Equal(1 + 1 + Folders + 1, await RoundTrips.CountAsync(_far, () => walks ? WalkAsync(root) : ReadAllAsync(root)));
    }

    [Fact]
    public async Task Files_of_several_levels_take_one_for_each()
    {
        DagPbLink[] files = [.. Enumerable.Range(0, 20).Select(i => _graph.Balanced(TestGraph.Bytes(40_000, seed: i), 1000, 10, $"f{i:D2}"))];
        Cid root = _graph.Directory(files).Cid;

        // the folder, the roots of the files, the nodes below them, their leaves
        Assert.Equal(4, await RoundTrips.CountAsync(_far, () => WalkAsync(root)));
        Assert.Equal(8, await RoundTrips.CountAsync(_far, () => ReadAllAsync(root)));
    }

    [Fact]
    public async Task No_more_are_asked_for_at_once_than_the_options_allow()
    {
        Cid root = Tree(out _);
        DagWalkOptions narrow = new() { ReadAhead = 50 };

        int trips = await RoundTrips.CountAsync(_far, () => WalkAsync(root, narrow));

        // the next four are asked for in any case
        Assert.InRange(trips, All / 54, All / 10);
        Assert.InRange(_far.Widest, 40, 50 + 4);
    }

    [Fact]
    public async Task Blocks_that_are_larger_than_those_before_them_do_not_fill_memory()
    {
        // a hundred folders of half a mebibyte below links that claim a byte, after small ones that make that likely
        DagPbLink[] small = [.. Enumerable.Range(0, 60).Select(i => _graph.Directory($"a{i:D2}", _graph.Text($"{i}", "x")))];
        DagPbLink[] large = [.. Enumerable.Range(0, 100).Select(i => _graph.Directory($"b{i:D2}", _graph.Text("x", new string((char)('a' + (i % 26)), 500_000) + i)) with { Tsize = 1 })];
        Cid root = _graph.Directory([_graph.Directory("a", small), _graph.Directory("b", large)]).Cid;
        DagWalkOptions options = new() { MaxHeldBytes = 4 << 20 };
        int blocks = 0;

        await RoundTrips.CountAsync(_far, async () => blocks = await WalkAsync(root, options));

        Assert.Equal(3 + 60 + 60 + 100 + 1, blocks);

        // what was let go of was asked for once more
        Assert.InRange(_graph.Asked.Count, blocks + 50, 2 * blocks);
    }

    private UnixFsReader Reader() => new(_far.ReadAsync);

    private Cid Tree(out DagPbLink[] folders)
    {
        folders = [.. Enumerable.Range(0, Folders).Select(folder =>
            _graph.Directory($"d{folder:D2}", [.. Enumerable.Range(0, FilesPerFolder).Select(file => _graph.Text($"{folder} {file}", $"f{file}"))]))];
        return _graph.Directory(folders).Cid;
    }

    private async Task<int> WalkAsync(Cid root, DagWalkOptions? options = null)
    {
        int blocks = 0;
        await foreach (DagWalkItem item in new DagWalker(_far.ReadAsync, options).WalkAsync([root]).ConfigureAwait(false))
        {
            Assert.Equal(DagWalkState.Present, item.State);
            blocks++;
        }

        return blocks;
    }

    // as a save reads
    private async Task<int> ReadAllAsync(Cid root)
    {
        WalkContext context = new(new ReadLimits()) { Recurse = true, Contents = true };
        await using ReadAhead ahead = new(new EntryItem(context, root), (item, cancellation) => _far.ReadAsync(item.Cid, cancellation), context.Limits, CancellationToken.None);
        int items = 0;
        while (await ahead.NextAsync().ConfigureAwait(false) is not null)
        {
            items++;
        }

        return items;
    }
}
