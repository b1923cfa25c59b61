using System.Diagnostics;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Save;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>What is where something is saved to, and what becomes of it.</summary>
public sealed class SaveTargetTests : IDisposable
{
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_written_through_a_symlink_that_is_in_the_destination()
    {
        Directory.CreateDirectory(_folder.Outside);
        Directory.CreateDirectory(_folder["tree"]);
        Directory.CreateSymbolicLink(_folder["tree/sub"], _folder.Outside);
        Directory.CreateSymbolicLink(_folder["whole"], _folder.Outside);
        File.CreateSymbolicLink(_folder["file"], Path.Combine(_folder.Outside, "file"));
        Cid root = _graph.Directory(_graph.Directory("sub", _graph.Text("x", "file"))).Cid;

        foreach (string name in (string[])["tree", "whole"])
        {
            SaveException refused = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, name, options: new SaveOptions { Force = true }));
            Assert.Equal("UnsafeDestination", refused.ErrorId);
        }

        // a link where a file goes is replaced, not followed
        await SaveAsync(_graph.Text("new").Cid, "file", options: new SaveOptions { Force = true });
        Assert.Null(new FileInfo(_folder["file"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder["file"]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Outside));
        _folder.AssertNothingOutside();
    }

    [Fact]
    public async Task What_is_there_and_is_another_is_refused_without_force()
    {
        File.WriteAllText(_folder["a"], "mine");
        Directory.CreateDirectory(_folder["d"]);
        File.CreateSymbolicLink(_folder["l"], "nowhere");
        Cid big = _graph.Balanced(TestGraph.Bytes(1000), 100, 4).Cid;
        Cid missing = _graph.Directory(_graph.Text("y", "y")).Cid;
        _graph.Drop(missing);
        foreach (string name in (string[])["a", "d", "l"])
        {
            foreach (Cid cid in (Cid[])[_graph.Text("x").Cid, big, missing, _graph.Directory(_graph.Text("x", "x")).Cid])
            {
                SaveException refused = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(cid, name));
                Assert.Equal("TargetExists", refused.ErrorId);
            }
        }

        Assert.DoesNotContain(_graph.Text("x").Cid, _graph.Asked);
        Assert.Equal("mine", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a", "d", "l"], _folder.All());
    }

    [Fact]
    public async Task A_pipe_or_a_device_is_never_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has none in its file systems");
        Directory.CreateDirectory(_folder["tree/sub"]);
        foreach (string pipe in (string[])["pipe", "tree/sub/pipe"])
        {
            using Process mkfifo = Process.Start("mkfifo", _folder[pipe]);
            await mkfifo.WaitForExitAsync();
        }

        SaveOptions force = new() { Force = true };
        SaveException refused = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(_graph.Text("x").Cid, "pipe", options: force));
        Assert.Equal("UnsafeDestination", refused.ErrorId);
        Assert.Equal("UnsafeDestination", (await Assert.ThrowsAsync<SaveException>(() => SaveAsync(_graph.Text("x").Cid, "pipe"))).ErrorId);
        Assert.Empty(_graph.Asked);

        Cid root = _graph.Directory(_graph.Directory("sub", _graph.Text("x", "other"), _graph.Text("x", "pipe"))).Cid;
        Assert.Equal("UnsafeDestination", (await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, "tree", options: force))).ErrorId);
        Assert.Equal("UnsafeDestination", (await Assert.ThrowsAsync<SaveException>(() => SaveAsync(_graph.Directory().Cid, "pipe", options: force))).ErrorId);
        foreach (string pipe in (string[])["pipe", "tree/sub/pipe"])
        {
            Assert.Equal(FileKind.Pipe, Disk.At(_folder[pipe]));
        }

        Assert.False(File.Exists(_folder["tree/sub/other"]));
    }

    [Fact]
    public async Task A_name_of_250_bytes_is_saved()
    {
        string name = new('n', 250);

        await SaveAsync(_graph.Directory(_graph.Text("x", name)).Cid, name);

        Assert.Equal([name, $"{name}/{name}"], _folder.All());
    }

    private Task<SaveResult> SaveAsync(Cid cid, string name, SaveProgress? progress = null, SaveOptions? options = null, ReadLimits? limits = null, CancellationToken cancellationToken = default) =>
        new UnixFsSaver(_graph.Reader(limits), options).SaveAsync(cid, _folder.Path, name, progress, cancellationToken);
}
