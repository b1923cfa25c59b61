using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.UnixFs.Import.Files;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>What only the system knows of a file: its time to the nanosecond, its mode, whether it has content, and how much.</summary>
public sealed class SystemFileTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    // what ipfs add --preserve-mode and --preserve-mtime give in Kubo's test/sharness/t0047-add-mode-mtime.sh
    [Theory]
    [InlineData("file", null, "@1603539720", "QmT3aY4avDcYXCWpU8CJzqUkW7YEuEsx36S8cTNoLcuK1B")]
    [InlineData("file", null, "@1603539720.000054321", "QmaKH8H5rXBUBCX4vdxi7ktGQEL7wejV7L9rX2qpZjwncz")]
    [InlineData("file", "0764", "@1603539720.000054321", "QmUkxrtBA8tPjwCYz1HrsoRfDz6NgKut3asVeHVQNH4C8L")]
    [InlineData("file", "0640", null, "QmQLgxypSNGNFTuUPGCecq6dDEjb6hNB5xSyVmP3cEuNtq")]
    [InlineData("link", null, "@1603539720.000054321", "QmPHYCxYvvHj6VxiPNJ3kXxcPsnJLDYUJqsDJWjvytmrmY")]
    [InlineData("link", null, "@1604320482", "QmbJwotgtr84JxcnjpwJ86uZiyMoxbZuNH4YrdJMypkYaB")]
    [InlineData("folder", null, "@1603539720.000054321", "QmZFdCLJay31hT3Tx1LygJ7XfiLEs3qLCXtbeBfhf38aZg")]
    [InlineData("folder", "0713", null, "QmQ1ABnw2iip7sj23EzzBZ9T77KyyfESP6SUboiXPyzNQe")]
    public async Task An_empty_entry_with_a_mode_and_a_time_has_the_cid_of_kubo(string kind, string? mode, string? time, string cid)
    {
        if (OperatingSystem.IsWindows() || !NativeFiles.IsUsable)
        {
            Assert.Skip("the system does not tell nanoseconds");
            return;
        }

        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "entry");
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(path, "nothing");
                break;
            case "folder":
                folder.Make("entry");
                break;
            default:
                folder.Write("entry", "");
                break;
        }

        if (mode is not null)
        {
            await RunAsync("chmod", mode, path);
        }

        if (time is not null)
        {
            await RunAsync("touch", "-h", "-d", time, path);
        }

        UnixFsImport import = await Importing.Run(
            path, new UnixFsImportOptions { Profile = UnixFsProfile.V0_2015, PreserveMode = mode is not null, PreserveTime = time is not null });

        Assert.Equal(cid, import.Cid.ToString());
    }

    [Theory]
    [InlineData(1, 1u)]
    [InlineData(-1, 999_999_999u)]
    [InlineData(1_603_539_720, 54_321u)]
    [InlineData(4_000_000_000, 123_456_789u)]
    public async Task Files_folders_and_links_keep_their_own_times(long seconds, uint nanoseconds)
    {
        if (OperatingSystem.IsWindows() || !NativeFiles.IsUsable)
        {
            Assert.Skip("the system does not tell nanoseconds");
            return;
        }

        using TempFolder folder = new();
        string file = folder.Write("file", "x");
        string directory = folder.Make("directory");
        string link = Path.Combine(folder.Path, "link");
        File.CreateSymbolicLink(link, "file");
        UnixFsTime linkTime = new(seconds, nanoseconds);
        NativeFiles.SetModified(file, new UnixFsTime(seconds + 1, nanoseconds));
        NativeFiles.SetModified(directory, new UnixFsTime(seconds + 2, nanoseconds));
        NativeFiles.SetModified(link, linkTime);

        Assert.Equal(new UnixFsTime(seconds + 1, nanoseconds), await ImportedTimeAsync(file));
        Assert.Equal(new UnixFsTime(seconds + 2, nanoseconds), await ImportedTimeAsync(directory));
        Assert.Equal(linkTime, await ImportedTimeAsync(link));
    }

    [Fact]
    public void The_system_and_dotnet_tell_the_same()
    {
        if (OperatingSystem.IsWindows() || !NativeFiles.IsUsable)
        {
            Assert.Skip("there is only .NET to ask");
            return;
        }

        using TempFolder folder = new();
        string file = folder.Write("file", "some bytes");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.SetGroup | UnixFileMode.OtherExecute);
        string link = Path.Combine(folder.Path, "link");
        File.CreateSymbolicLink(link, "file");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "gone"), "nowhere");
        foreach ((string path, bool follow) in ((string, bool)[])[(file, false), (folder.Path, false), (link, false), (link, true), (Path.Combine(folder.Path, "gone"), false)])
        {
            FileFacts native = NativeFiles.Read(path, follow)!.Value;
            FileFacts managed = FileFacts.ReadManaged(path, follow)!.Value;
            // .NET does not tell whose a file is
            Assert.NotNull(native.Owner);
            Assert.Equal(managed with { Modified = default, Mode = default }, native with { Modified = default, Mode = default, Owner = null });
            Assert.Equal(managed.Modified.Seconds, native.Modified.Seconds);
            Assert.Equal((managed.Modified.Nanoseconds ?? 0) / 100, (native.Modified.Nanoseconds ?? 0) / 100);
            Assert.True(native.Kind == FileKind.Symlink || native.Mode == managed.Mode);
        }

        foreach (string path in (string[])[Path.Combine(folder.Path, "gone"), Path.Combine(folder.Path, "nothing"), Path.Combine(file, "below a file"), "a\0b"])
        {
            Assert.Null(NativeFiles.Read(path, follow: true));
        }
    }

    // the bytes that ipfs-unixfs writes for cidVersion 1: type 2, data "m", size 1, mode 0
    [Fact]
    public async Task A_mode_of_0000_is_kept()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes");
            return;
        }

        using TempFolder folder = new();
        string path = folder.Write("file", "m");
        using FileStream held = File.OpenRead(path);
        File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.SkipUnless(CanRead(path), "only root reads a file of mode 0000");
        ConcurrentDictionary<Cid, byte[]> blocks = new();

        UnixFsImport import = await Importing.Run(
            path, new UnixFsImportOptions { Profile = UnixFsProfile.V0_2015 with { CidVersion = 1 }, PreserveMode = true }, Importing.Into(blocks));

        Assert.Equal("0A09080212016D18013800", Convert.ToHexString(blocks[import.Cid]));
    }

    [Theory]
    [InlineData("size-100")]
    [InlineData("buzhash")]
    public async Task What_is_made_up_when_it_is_read_has_the_length_that_was_read(string chunker)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is of Linux");
        string[] paths = [.. ((string[])["/proc/version", "/proc/sys/kernel/ostype", "/sys/kernel/mm/transparent_hugepage/enabled"]).Where(CanRead)];
        Assert.NotEmpty(paths);
        foreach (string path in paths)
        {
            using MemoryStream read = new();
            await using (FileStream file = File.OpenRead(path))
            {
                await file.CopyToAsync(read);
            }

            byte[] content = read.ToArray();
            Assert.NotEqual(content.Length, new FileInfo(path).Length);
            UnixFsProfile profile = UnixFsProfile.V1_2025 with { Chunker = Dag.UnixFs.Import.Chunking.Chunker.Parse(chunker) };

            UnixFsImport import = await Importing.Run(path, new UnixFsImportOptions { Profile = profile });

            Assert.Equal(content.Length, import.Size);
            Assert.Equal(await Importing.CidOf(new MemoryStream(content), profile), import.Cid.ToString());
        }
    }

    [Fact]
    public async Task What_has_no_content_is_left_out_of_a_folder_and_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has none of it in its file systems");
        using TempFolder folder = new();
        folder.Write("a", "1");
        folder.Write("sub/z", "2");
        string without = await Importing.CidOf(folder.Path);
        string pipe = Path.Combine(folder.Path, "sub", "pipe");
        await RunAsync("mkfifo", pipe);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string bound = Path.Combine(folder.Path, "socket");
        socket.Bind(new UnixDomainSocketEndPoint(bound));

        UnixFsImport import = await Importing.Run(folder.Path, new UnixFsImportOptions()).WaitAsync(_patience);

        Assert.Equal(without, import.Cid.ToString());
        Assert.Equal([bound, pipe], import.Skipped.Select(error => error.Path));
        Assert.All(import.Skipped, error => Assert.Equal(DagErrorIds.NotAFile, error.ErrorId));
        foreach (string path in (string[])[pipe, bound, "/dev/null"])
        {
            DagException refused = await Assert.ThrowsAsync<DagException>(() => Importing.Run(path, new UnixFsImportOptions()).WaitAsync(_patience));
            Assert.Equal((DagErrorIds.NotAFile, path), (refused.ErrorId, refused.Path));
        }
    }

    [Fact]
    public async Task A_link_to_nothing_is_left_out_where_links_are_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        using TempFolder folder = new();
        folder.Write("a", "1");
        string without = await Importing.CidOf(folder.Path);
        string link = Path.Combine(folder.Path, "gone");
        File.CreateSymbolicLink(link, "nowhere");
        UnixFsImportOptions follow = new() { Symlinks = SymlinkRule.Follow };

        UnixFsImport import = await Importing.Run(folder.Path, follow);

        Assert.Equal(without, import.Cid.ToString());
        Assert.Equal((DagErrorIds.FileUnreadable, link), (Assert.Single(import.Skipped).ErrorId, import.Skipped[0].Path));
        Assert.Equal(DagErrorIds.FileUnreadable, (await Assert.ThrowsAsync<DagException>(() => Importing.Run(link, follow))).ErrorId);
    }

    [Fact]
    public void What_is_left_out_is_told_up_to_a_bound_and_counted_beyond_it()
    {
        SkippedEntries skipped = new();
        for (int i = 0; i < SkippedEntries.MaxTold + 5; i++)
        {
            skipped.Add(new DagException(DagErrorIds.NotAFile, $"{i}") { Path = $"{i}" });
        }

        IReadOnlyList<DagException> errors = skipped.Errors("folder");
        Assert.Equal(SkippedEntries.MaxTold + 1, errors.Count);
        Assert.Contains("5 more", errors[^1].Message, StringComparison.Ordinal);
    }

    private static async Task<UnixFsTime?> ImportedTimeAsync(string path)
    {
        ConcurrentDictionary<Cid, byte[]> blocks = new();
        UnixFsImport import = await Importing.Run(path, new UnixFsImportOptions { Profile = UnixFsProfile.V0_2015, PreserveTime = true }, Importing.Into(blocks));
        return UnixFsData.Decode(DagPbNode.Decode(blocks[import.Cid]).Data).Mtime;
    }

    private static bool CanRead(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync().WaitAsync(_patience);
        Assert.Equal(0, process.ExitCode);
    }
}
