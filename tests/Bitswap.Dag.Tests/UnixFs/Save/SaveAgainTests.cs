using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Save;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>A save to where the same, or nearly the same, is already: only what differs is fetched and written.</summary>
public sealed class SaveAgainTests : IDisposable
{
    private static readonly DateTime _past = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
    private static readonly SaveOptions _force = new() { Force = true };
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_the_same_is_neither_fetched_nor_written(bool force)
    {
        (Cid root, DagPbLink[] leaves) = Tree("the same");
        await SaveAsync(root, "tree");
        Age("tree/sub/file", "tree/small");
        string[] before = _folder.All();
        _graph.Asked.Clear();
        SaveProgress progress = new();

        SaveResult again = await SaveAsync(root, "tree", force ? _force : null, progress);

        Assert.True(again.IsUnchanged);
        Assert.Equal((3, 2, 1, 4), (again.Files, again.Directories, again.Symlinks, again.Unchanged));
        Assert.Equal((again.Bytes, again.Bytes), (again.Recovered, progress.Bytes));
        Assert.DoesNotContain(_graph.Asked, leaves.Select(leaf => leaf.Cid).Contains);
        Assert.Equal(before, _folder.All());
        AssertAged("tree/sub/file", "tree/small");
    }

    [Fact]
    public async Task A_tree_that_differs_is_refused_without_force_and_the_difference_is_named()
    {
        (Cid root, _) = Tree("the same");
        await SaveAsync(root, "tree");
        File.WriteAllText(_folder["tree/mine"], "another file in the folder is no difference");
        Assert.True((await SaveAsync(root, "tree")).IsUnchanged);

        foreach ((string path, Action change, Action undo) in (ValueTuple<string, Action, Action>[])
        [
            ("tree/small", () => File.WriteAllText(_folder["tree/small"], "THE SAME"), () => File.WriteAllText(_folder["tree/small"], "the same")),
            ("tree/sub/file", () => File.AppendAllText(_folder["tree/sub/file"], "x"), () => File.WriteAllBytes(_folder["tree/sub/file"], TestGraph.Bytes(5000))),
            ("tree/sub/link", () => Relink("elsewhere"), () => Relink("file")),
            ("tree/empty", () => File.Delete(_folder["tree/empty"]), () => File.WriteAllText(_folder["tree/empty"], "")),
        ])
        {
            change();
            SaveException refused = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, "tree"));
            Assert.Equal(("TargetExists", _folder[path]), (refused.ErrorId, refused.Path));
            undo();
            Assert.True((await SaveAsync(root, "tree")).IsUnchanged);
        }
    }

    [Fact]
    public async Task With_force_only_what_differs_is_written()
    {
        (Cid root, DagPbLink[] leaves) = Tree("the same");
        await SaveAsync(root, "tree");
        Age("tree/sub/file", "tree/empty");
        File.WriteAllText(_folder["tree/mine"], "stays");
        (Cid changed, _) = Tree("is changed");
        _graph.Asked.Clear();

        SaveResult saved = await SaveAsync(changed, "tree", _force);

        Assert.False(saved.IsUnchanged);
        Assert.Equal(3, saved.Unchanged);
        Assert.DoesNotContain(_graph.Asked, leaves.Select(leaf => leaf.Cid).Contains);
        Assert.Equal("is changed", File.ReadAllText(_folder["tree/small"]));
        Assert.Equal("stays", File.ReadAllText(_folder["tree/mine"]));
        AssertAged("tree/sub/file", "tree/empty");
        Assert.Equal(["tree", "tree/empty", "tree/mine", "tree/small", "tree/sub", "tree/sub/file", "tree/sub/link"], _folder.All());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2500)]
    [InlineData(4900)]
    public async Task Of_a_file_that_differs_only_the_chunks_that_differ_are_fetched(int at)
    {
        byte[] content = TestGraph.Bytes(5000);
        await File.WriteAllBytesAsync(_folder["file"], content);
        content[at] ^= 1;
        Cid cid = _graph.Balanced(content, 100, 8).Cid;

        SaveResult saved = await SaveAsync(cid, "file", _force);

        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["file"]));
        Assert.Equal([_graph.Raw(content[(at / 100 * 100)..((at / 100 * 100) + 100)]).Cid], _graph.Asked.Distinct().Where(asked => asked.CodecName == "raw"));
        Assert.Equal((5000, 4900, 0), (saved.Bytes, saved.Recovered, saved.Unchanged));
        Assert.Equal(["file"], _folder.All());
    }

    [Fact]
    public async Task A_leaf_with_a_mode_and_a_time_is_compared_by_its_bytes_and_gets_both()
    {
        DagPbLink leaf = _graph.Node(
            new UnixFsData { Type = UnixFsType.File, Data = "text"u8.ToArray(), FileSize = 4, Mode = 0x1A0, Mtime = new UnixFsTime(981_173_106, null) }, []);
        File.WriteAllText(_folder["file"], "text");

        Assert.True((await SaveAsync(leaf.Cid, "file")).IsUnchanged);
        Assert.NotEqual(_past, File.GetLastWriteTimeUtc(_folder["file"]));
        Assert.True((await SaveAsync(leaf.Cid, "file", _force)).IsUnchanged);
        AssertAged("file");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_folder["file"]) == (UnixFileMode)0x1A0);
        File.WriteAllText(_folder["file"], "TEXT");
        Assert.Equal("TargetExists", (await Assert.ThrowsAsync<SaveException>(() => SaveAsync(leaf.Cid, "file"))).ErrorId);
    }

    [Fact]
    public async Task A_file_that_is_written_to_while_it_is_compared_is_no_source()
    {
        byte[] content = TestGraph.Bytes(5000);
        await File.WriteAllBytesAsync(_folder["file"], content);
        content[4999] ^= 1;
        Cid cid = _graph.Balanced(content, 100, 8).Cid;
        Cid last = _graph.Raw(content[4900..]).Cid;
        byte[] other = TestGraph.Bytes(5000, seed: 2);
        TaskCompletionSource asked = new();
        ReadLimits near = new() { ReadAheadBlocks = 2 };
        _graph.Before = async (block, _) =>
        {
            if (block.Equals(last))
            {
                await File.WriteAllBytesAsync(_folder["file"], other, CancellationToken.None);
            }
        };

        SaveException refused = await Assert.ThrowsAsync<SaveException>(() => new UnixFsSaver(_graph.Reader(near), _force).SaveAsync(cid, _folder.Path, "file"));

        Assert.Equal("SaveFailed", refused.ErrorId);
        Assert.Equal(other, await File.ReadAllBytesAsync(_folder["file"]));
    }

    [Fact]
    public async Task A_save_that_was_interrupted_goes_on_beside_a_target_that_differs()
    {
        byte[] content = TestGraph.Bytes(5000);
        await File.WriteAllBytesAsync(_folder["file"], TestGraph.Bytes(5000, seed: 2));
        Cid cid = _graph.Balanced(content, 100, 8).Cid;
        Cid last = _graph.Raw(content[4900..]).Cid;
        _graph.Before = (block, _) => block.Equals(last) ? throw new InvalidDataException("not now") : default;
        SaveProgress progress = new();
        await Assert.ThrowsAsync<InvalidDataException>(() => new UnixFsSaver(_graph.Reader(new ReadLimits { ReadAheadBlocks = 2 }), _force).SaveAsync(cid, _folder.Path, "file", progress));
        Assert.True(Directory.Exists(progress.Kept));
        _graph.Before = null;
        _graph.Asked.Clear();

        SaveResult saved = await SaveAsync(cid, "file", _force);

        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["file"]));
        Assert.InRange(saved.Recovered, 4700, 4900);
        Assert.Equal(["file"], _folder.All());
    }

    [Fact]
    public async Task The_destination_is_made_and_goes_again_when_nothing_comes_into_it()
    {
        Cid cid = _graph.Text("x").Cid;
        await new UnixFsSaver(_graph.Reader()).SaveAsync(cid, _folder["a/b/c"], "file");
        Assert.Equal("x", File.ReadAllText(_folder["a/b/c/file"]));

        Cid bad = _graph.Directory(_graph.Text("x", "..")).Cid;
        await Assert.ThrowsAsync<UnsavableException>(() => new UnixFsSaver(_graph.Reader()).SaveAsync(bad, _folder["a/d/e"], "tree"));
        _graph.Drop(cid);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => new UnixFsSaver(_graph.Reader()).SaveAsync(cid, _folder["f"], "file"));
        Assert.Equal(["a", "a/b", "a/b/c", "a/b/c/file"], _folder.All());
    }

    private (Cid Root, DagPbLink[] Leaves) Tree(string text)
    {
        byte[] content = TestGraph.Bytes(5000);
        DagPbLink[] leaves = [.. content.Chunk(100).Select(chunk => _graph.Raw(chunk)), _graph.Text("the same")];
        Cid root = _graph.Directory(
            _graph.Text("", "empty"), _graph.Text(text, "small"), _graph.Directory("sub", _graph.Balanced(content, 100, 8, "file"), _graph.Symlink("file", "link"))).Cid;
        return (root, leaves);
    }

    private void Age(params string[] paths) => Array.ForEach(paths, path => File.SetLastWriteTimeUtc(_folder[path], _past));

    private void AssertAged(params string[] paths) => Assert.All(paths, path => Assert.Equal(_past, File.GetLastWriteTimeUtc(_folder[path])));

    private void Relink(string target)
    {
        File.Delete(_folder["tree/sub/link"]);
        File.CreateSymbolicLink(_folder["tree/sub/link"], target);
    }

    private Task<SaveResult> SaveAsync(Cid cid, string name, SaveOptions? options = null, SaveProgress? progress = null) =>
        new UnixFsSaver(_graph.Reader(), options).SaveAsync(cid, _folder.Path, name, progress);
}
