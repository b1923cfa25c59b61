using System.Collections.Concurrent;
using Bitswap.Dag.Tests.UnixFs.Import;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>Modes and times of a tree that is added and saved again, to the nanosecond.</summary>
public sealed class SavedTimesTests : IDisposable
{
    private static readonly string[] _paths = ["", "file", "secret", "sub", "sub/deep", "sub/deep/file", "sub/link", "sub/gone"];
    private readonly ConcurrentDictionary<Cid, byte[]> _blocks = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // a tree and its CID from Kubo's test/sharness/t0047-add-mode-mtime.sh
    [Fact]
    public async Task A_tree_of_kubo_has_its_cid_and_comes_back()
    {
        if (OperatingSystem.IsWindows() || !NativeFiles.IsUsable)
        {
            Assert.Skip("the system does not tell nanoseconds");
            return;
        }

        using TempFolder source = new();
        const long Time = 1_655_158_632;
        (string Path, long Seconds, UnixFileMode Mode)[] entries =
        [
            ("dir2/sub1/sub2/file3", 10, (UnixFileMode)0x1A4), ("dir2/sub1/link1", 20, default), ("dir2/sub1/sub2", 30, (UnixFileMode)0x1ED),
            ("dir2/sub1", 40, (UnixFileMode)0x1ED), ("dir2", 50, (UnixFileMode)0x1ED), ("dir3/file2", 60, (UnixFileMode)0x1A4), ("dir3", 70, (UnixFileMode)0x1ED),
            ("file1", 80, (UnixFileMode)0x1A4), ("dir1", 90, (UnixFileMode)0x1ED), ("", 0, (UnixFileMode)0x1C0),
        ];
        source.Make("dir1");
        source.Write("dir2/sub1/sub2/file3", "");
        source.Write("dir3/file2", "");
        source.Write("file1", "");
        File.CreateSymbolicLink(Path.Combine(source.Path, "dir2/sub1/link1"), "../sub2/file3");
        foreach ((string path, long seconds, UnixFileMode mode) in entries)
        {
            string full = Path.Combine(source.Path, path);
            if (mode != default)
            {
                File.SetUnixFileMode(full, mode);
            }

            NativeFiles.SetModified(full, new UnixFsTime(Time + seconds, null));
        }

        Cid root = await AddAsync(source.Path);
        Assert.Equal("QmSioyvQuXetxg7uo8FswGn9XKKEsisDq1HTMzGyWbw2R6", root.ToString());

        await SaveAsync(root, "tree", force: false);
        foreach ((string path, long seconds, UnixFileMode mode) in entries)
        {
            FileFacts facts = FileFacts.Read(_folder[Path.Combine("tree", path)], follow: false)!.Value;
            Assert.Equal(new UnixFsTime(Time + seconds, null), facts.Modified);
            Assert.True(mode == default || facts.Mode == (uint)mode, path);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Times_and_modes_come_back_to_a_new_folder_and_to_one_that_is_there(bool isThere)
    {
        if (OperatingSystem.IsWindows() || !NativeFiles.IsUsable)
        {
            Assert.Skip("the system does not tell nanoseconds");
            return;
        }

        using TempFolder source = new();
        source.Write("file", "1");
        source.Write("sub/deep/file", "22");
        source.Write("secret", "never read");
        File.CreateSymbolicLink(Path.Combine(source.Path, "sub/link"), "deep/file");
        File.CreateSymbolicLink(Path.Combine(source.Path, "sub/gone"), "nowhere");
        for (int i = _paths.Length - 1; i >= 0; i--)
        {
            NativeFiles.SetModified(Path.Combine(source.Path, _paths[i]), new UnixFsTime(1_600_000_000 + i, 1 + (uint)i));
        }

        File.SetUnixFileMode(Path.Combine(source.Path, "secret"), Environment.IsPrivilegedProcess ? UnixFileMode.None : UnixFileMode.UserRead);
        File.SetUnixFileMode(Path.Combine(source.Path, "sub/deep"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        if (isThere)
        {
            Directory.CreateDirectory(_folder["tree/sub"]);
            File.CreateSymbolicLink(_folder["tree/sub/link"], "elsewhere");
        }

        Cid root = await AddAsync(source.Path);
        await SaveAsync(root, "tree", force: isThere);

        foreach (string path in _paths)
        {
            Assert.Equal(
                FileFacts.Read(Path.Combine(source.Path, path), follow: false),
                FileFacts.Read(_folder[Path.Combine("tree", path)], follow: false));
        }

        File.SetUnixFileMode(Path.Combine(source.Path, "sub/deep"), (UnixFileMode)0x1ED);
        File.SetUnixFileMode(_folder["tree/sub/deep"], (UnixFileMode)0x1ED);
    }

    private async Task<Cid> AddAsync(string path) =>
        (await Importing.Run(path, new UnixFsImportOptions { Profile = UnixFsProfile.V0_2015, PreserveMode = true, PreserveTime = true }, Importing.Into(_blocks))).Cid;

    private Task SaveAsync(Cid root, string name, bool force) =>
        new UnixFsSaver(new UnixFsReader((cid, _) => new ValueTask<ReadOnlyMemory<byte>>(_blocks[cid])), new SaveOptions { Force = force })
            .SaveAsync(root, _folder.Path, name);
}
