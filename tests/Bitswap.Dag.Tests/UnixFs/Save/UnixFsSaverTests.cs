using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Save;

public sealed class UnixFsSaverTests : IDisposable
{
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_is_saved_whole()
    {
        byte[] big = TestGraph.Bytes(300_000);
        string[] names = [.. Enumerable.Range(0, 500).Select(i => $"n{i}")];
        Cid root = _graph.Directory(
            _graph.Balanced(big, 1000, 16, "big"),
            _graph.Directory("empty"),
            _graph.Raw([], "nothing"),
            _graph.Sharded([.. names.Select(name => _graph.Text($"in {name}", name))], name: "sharded"),
            _graph.Directory("sub", _graph.Symlink("../big", "link"), _graph.Text("é", "ünï cödé"))).Cid;
        SaveProgress progress = new();

        SaveResult saved = await SaveAsync(root, "tree", progress);

        Assert.Equal(big, await File.ReadAllBytesAsync(_folder["tree/big"]));
        Assert.True(Directory.Exists(_folder["tree/empty"]));
        Assert.Equal(0, new FileInfo(_folder["tree/nothing"]).Length);
        Assert.All(names, name => Assert.Equal($"in {name}", File.ReadAllText(_folder[$"tree/sharded/{name}"])));
        Assert.Equal(Path.Combine("..", "big"), new FileInfo(_folder["tree/sub/link"]).LinkTarget);
        Assert.Equal("é", File.ReadAllText(_folder["tree/sub/ünï cödé"]));
        Assert.Equal((503, 4, 1), (saved.Files, saved.Directories, saved.Symlinks));
        Assert.Equal(503, progress.Files);
        Assert.Equal(saved.Bytes, progress.Bytes);
        Assert.Equal(0, saved.Recovered);
        Assert.True(progress.Total >= progress.Bytes);
        Assert.Equal(["tree"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_is_saved_under_a_name_and_a_symlink_as_one()
    {
        await SaveAsync(_graph.Text("hello").Cid, "a.txt");
        await SaveAsync(_graph.Symlink("a.txt", "").Cid, "link");
        await SaveAsync(_graph.Leaf("old"u8.ToArray()).Cid, "old");

        Assert.Equal("hello", File.ReadAllText(_folder["link"]));
        Assert.Equal("old", File.ReadAllText(_folder["old"]));
        Assert.Equal(["a.txt", "link", "old"], _folder.All());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../out")]
    [InlineData("/tmp/out")]
    [InlineData("..\\out")]
    [InlineData("C:\\out")]
    [InlineData("")]
    [InlineData("nul")]
    [InlineData("end.")]
    [InlineData("a\0b")]
    public async Task An_entry_whose_name_reaches_out_refuses_the_whole(string name)
    {
        Cid root = _graph.Directory("", _graph.Directory("fine", _graph.Text("x", "x"), _graph.Text("out", name))).Cid;

        DagException refused = await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(root, "tree"));

        Assert.Contains("cannot be saved", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.All());
        _folder.AssertNothingOutside();
        await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(_graph.Text("x").Cid, name));
        await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(_graph.Sharded([_graph.Text("x", "fine"), _graph.Text("out", name.Length == 0 ? ".." : name)]).Cid, "sharded"));
        Assert.Empty(_folder.All());
    }

    [Fact]
    public async Task Names_that_only_this_system_holds_are_taken_when_asked_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not hold them");
        Cid root = _graph.Directory(_graph.Text("1", "a:b"), _graph.Text("2", "con"), _graph.Text("3", "dot.")).Cid;

        await SaveAsync(root, "tree", options: new SaveOptions { Names = NameRules.System });

        Assert.Equal(["tree", "tree/a:b", "tree/con", "tree/dot."], _folder.All());
    }

    [Fact]
    public async Task Names_that_are_one_at_the_destination_are_refused()
    {
        Cid root = _graph.Directory(_graph.Directory("sub", _graph.Text("1", "Readme"), _graph.Text("2", "a"), _graph.Text("3", "readme"))).Cid;
        Assert.Contains("case", (await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(root, "tree", options: new SaveOptions { IgnoreCase = true }))).Message, StringComparison.Ordinal);
        Assert.Empty(_folder.All());

        Cid spread = _graph.Sharded([_graph.Text("1", "Readme"), _graph.Text("2", "readme")]).Cid;
        await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(spread, "tree", options: new SaveOptions { IgnoreCase = true }));

        Cid accents = _graph.Directory(_graph.Text("1", "e\u0301"), _graph.Text("2", "\u00e9")).Cid;
        await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(accents, "tree", options: new SaveOptions { IgnoreCase = true }));

        // the same name in folders that are not the same
        Cid apart = _graph.Directory(_graph.Directory("a", _graph.Text("1", "x")), _graph.Directory("b", _graph.Text("2", "X")), _graph.Text("3", "x")).Cid;
        await SaveAsync(apart, "tree", options: new SaveOptions { IgnoreCase = true });

        Cid twice = _graph.Directory(_graph.Text("1", "x"), _graph.Text("2", "x")).Cid;
        Assert.Contains("twice", (await UnixFsReaderTests.RefusedAsync("UnsafeName", () => SaveAsync(twice, "twice", options: new SaveOptions { IgnoreCase = false }))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../out")]
    [InlineData("..")]
    [InlineData("a/../../out")]
    public async Task A_symlink_that_leads_out_refuses_the_whole(string target)
    {
        Cid root = _graph.Directory(_graph.Text("x", "a"), _graph.Symlink(target, "link")).Cid;

        await UnixFsReaderTests.RefusedAsync("UnsafeLink", () => SaveAsync(root, "tree"));
        await UnixFsReaderTests.RefusedAsync("UnsafeLink", () => SaveAsync(_graph.Symlink(target, "").Cid, "link"));

        Assert.Empty(_folder.All());
    }

    [Fact]
    public async Task With_force_files_are_replaced_and_folders_kept()
    {
        Directory.CreateDirectory(_folder["tree/sub"]);
        File.WriteAllText(_folder["tree/sub/mine"], "mine");
        File.WriteAllText(_folder["tree/sub/x"], "old");
        Cid root = _graph.Directory(_graph.Directory("sub", _graph.Text("new", "x")), _graph.Directory("more", _graph.Text("y", "y")), _graph.Symlink("sub/x", "z")).Cid;

        await SaveAsync(root, "tree", options: new SaveOptions { Force = true });
        await SaveAsync(root, "tree", options: new SaveOptions { Force = true });

        Assert.Equal(["tree", "tree/more", "tree/more/y", "tree/sub", "tree/sub/mine", "tree/sub/x", "tree/z"], _folder.All());
        Assert.Equal("mine", File.ReadAllText(_folder["tree/sub/mine"]));
        Assert.Equal("new", File.ReadAllText(_folder["tree/z"]));

        // a folder is not given up for a file, nor a file for a folder: nothing of either tree is moved
        Directory.CreateDirectory(_folder["other/more"]);
        File.WriteAllText(_folder["other/sub"], "a file");
        SaveException refused = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, "other", options: new SaveOptions { Force = true }));
        Assert.Equal("TargetExists", refused.ErrorId);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["other/more"]));
    }

    [Fact]
    public async Task Modes_and_times_are_kept_where_they_are_given()
    {
        UnixFsTime time = new(1_600_000_000, 500_000_000);
        DagPbLink file = _graph.Node(new UnixFsData { Type = UnixFsType.File, Data = "x"u8.ToArray(), FileSize = 1, Mode = 0x9ED /* 04755 */, Mtime = time }, [], "file");
        Cid root = _graph.Node(new UnixFsData { Type = UnixFsType.Directory, Mode = 0x16D /* 0555 */, Mtime = time }, [file]).Cid;

        await SaveAsync(root, "tree");

        DateTime expected = DateTimeOffset.FromUnixTimeMilliseconds(1_600_000_000_500).UtcDateTime;
        Assert.Equal(expected, File.GetLastWriteTimeUtc(_folder["tree/file"]));
        Assert.Equal(expected, Directory.GetLastWriteTimeUtc(_folder["tree"]));
        if (!OperatingSystem.IsWindows())
        {
            // without the bit that would run it as its owner
            Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(_folder["tree/file"]));
            Assert.Equal((UnixFileMode)0x16D, File.GetUnixFileMode(_folder["tree"]));
            File.SetUnixFileMode(_folder["tree"], (UnixFileMode)0x1ED);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_interrupted_save_goes_on_without_asking_for_what_is_there(bool raw)
    {
        byte[] first = TestGraph.Bytes(40_000, 1);
        byte[] second = TestGraph.Bytes(100_000, 2);
        DagPbLink Big(byte[] data, string name) => raw
            ? _graph.Balanced(data, 1000, 10, name)
            : _graph.File([.. data.Chunk(1000).Select(chunk => (_graph.Leaf(chunk), chunk.Length))], name);
        Cid root = _graph.Directory(Big(first, "a"), _graph.Text("small", "b"), Big(second, "c")).Cid;
        using CancellationTokenSource stop = new();
        SaveProgress seen = new();
        _graph.Before = (_, cancellationToken) =>
        {
            if (seen.Bytes > 90_000)
            {
                stop.Cancel();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return default;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SaveAsync(root, "tree", seen, limits: new ReadLimits { ReadAheadBlocks = 4 }, cancellationToken: stop.Token));
        Assert.False(Path.Exists(_folder["tree"]));
        string partial = Assert.Single(Directory.GetDirectories(_folder.Path));

        // bytes that were damaged between are fetched again
        using (FileStream damaged = File.OpenWrite(Path.Combine(partial, "content", "a")))
        {
            damaged.Position = 5_500;
            damaged.WriteByte((byte)~first[5_500]);
        }

        _graph.Before = null;
        _graph.Asked.Clear();
        SaveResult saved = await SaveAsync(root, "tree");

        Assert.Equal(first, await File.ReadAllBytesAsync(_folder["tree/a"]));
        Assert.Equal(second, await File.ReadAllBytesAsync(_folder["tree/c"]));
        Assert.Equal("small", File.ReadAllText(_folder["tree/b"]));
        Assert.InRange(saved.Recovered, 88_000, 140_005);
        Assert.Equal(140_005, saved.Bytes);
        int leaves = _graph.Asked.Count(cid => raw ? cid.Codec == Multicodec.Raw : true);

        // and what joins the leaves, which is looked through before and asked for again
        Assert.InRange(leaves, 1, (int)((saved.Bytes - saved.Recovered) / 1000) + 4 + (raw ? 0 : 4));
        Assert.Equal(["tree", "tree/a", "tree/b", "tree/c"], _folder.All());
    }

    [Fact]
    public async Task A_partial_file_that_was_longer_is_cut()
    {
        Cid root = _graph.Directory(_graph.Text("short", "a"), _graph.Text("missing", "b")).Cid;
        _graph.Drop(Cid.Compute(Multicodec.Raw, "missing"u8));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => SaveAsync(root, "tree"));
        string partial = Assert.Single(Directory.GetDirectories(_folder.Path));
        File.AppendAllText(Path.Combine(partial, "content", "a"), " and more");
        // what an earlier save never makes, and what could lead a write astray
        File.CreateSymbolicLink(Path.Combine(partial, "content", "b"), _folder.Outside);
        _graph.Text("missing");

        await SaveAsync(root, "tree");

        Assert.Equal("short", File.ReadAllText(_folder["tree/a"]));
        Assert.Equal("missing", File.ReadAllText(_folder["tree/b"]));
        _folder.AssertNothingOutside();
        Assert.False(Path.Exists(_folder.Outside));
    }

    [Fact]
    public async Task The_same_save_does_not_run_twice_at_once()
    {
        Cid root = _graph.Text("x").Cid;
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _graph.Before = async (_, _) =>
        {
            reached.TrySetResult();
            await go.Task;
        };
        Task<SaveResult> first = SaveAsync(root, "a");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        SaveException refused = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, "a"));
        Assert.Equal("SaveInProgress", refused.ErrorId);

        go.SetResult();
        await first;
        Assert.Equal(["a"], _folder.All());
    }

    [Fact]
    public async Task What_fails_before_it_begins_leaves_nothing()
    {
        Cid missing = Cid.Compute(Multicodec.Raw, Encoding.UTF8.GetBytes("no peer has this"));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => SaveAsync(missing, "a"));
        Assert.Empty(_folder.All());

        await UnixFsReaderTests.RefusedAsync("DagLimitExceeded", () => new UnixFsSaver(_graph.Reader(new ReadLimits { MaxTotalSize = 3 })).SaveAsync(_graph.Text("four").Cid, _folder.Path, "a"));
        Assert.Empty(_folder.All());

        File.WriteAllText(_folder["file"], "x");
        SaveException refused = await Assert.ThrowsAsync<SaveException>(() => new UnixFsSaver(_graph.Reader()).SaveAsync(missing, _folder["file/x"], "a"));
        Assert.Equal("SaveFailed", refused.ErrorId);
    }

    private Task<SaveResult> SaveAsync(Cid cid, string name, SaveProgress? progress = null, SaveOptions? options = null, ReadLimits? limits = null, CancellationToken cancellationToken = default) =>
        new UnixFsSaver(_graph.Reader(limits), options).SaveAsync(cid, _folder.Path, name, progress, cancellationToken);
}
