using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Bitswap.Dag.Tests.UnixFs.Import;
using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.Tests.UnixFs.FileSystem;

public sealed class WholeFileTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(250)]
    [InlineData(255)]
    public async Task A_file_of_any_name_that_a_disk_holds_is_written_and_replaced(int length)
    {
        string path = Path.Combine(_folder.Path, new string('n', length));

        await WriteAsync(path, "first");
        await WriteAsync(path, "second");

        Assert.Equal("second", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Contains("already", (await Assert.ThrowsAsync<IOException>(() => WriteAsync(path, "third", replace: false))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_leaves_what_was_there_and_nothing_else()
    {
        string path = _folder.Write("file", "old");

        await Assert.ThrowsAsync<InvalidOperationException>(() => WholeFile.WriteAsync(path, true, 0, async file =>
        {
            await file.WriteAsync(new byte[10]);
            throw new InvalidOperationException("half way");
        }));

        Assert.Equal("old", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
        string none = Path.Combine(_folder.Path, "none");
        DirectoryNotFoundException lacking = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => WriteAsync(Path.Combine(none, "file"), "x"));
        Assert.Equal($"There is no folder '{none}'.", lacking.Message);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(_folder.Path, "x"));
    }

    [Theory]
    [InlineData((UnixFileMode)0x180)]
    [InlineData((UnixFileMode)0x124)]
    public async Task The_permissions_of_what_is_replaced_stay(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes");
            return;
        }

        string path = _folder.Write("file", "old");
        File.SetUnixFileMode(path, mode);
        UnixFileMode during = default;
        await WholeFile.WriteAsync(path, true, 0, file =>
        {
            during = new FileInfo(Directory.GetFiles(_folder.Path, ".bitswap-*")[0]).UnixFileMode;
            return Task.CompletedTask;
        });

        Assert.Equal(mode, File.GetUnixFileMode(path));
        Assert.Equal(mode | UnixFileMode.UserWrite, during);
    }

    [Fact]
    public async Task A_symbolic_link_stays_and_what_it_leads_to_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        string file = _folder.Write("real", "old");
        string one = Path.Combine(_folder.Path, "one");
        string two = Path.Combine(_folder.Path, "two");
        string round = Path.Combine(_folder.Path, "round");
        File.CreateSymbolicLink(one, "real");
        File.CreateSymbolicLink(two, one);
        File.CreateSymbolicLink(round, "round");

        await WriteAsync(two, "new");
        File.Delete(file);
        await WriteAsync(one, "made");

        Assert.Equal("made", await File.ReadAllTextAsync(file));
        Assert.Equal(("real", one), (new FileInfo(one).LinkTarget, new FileInfo(two).LinkTarget));
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(round, "x"));
    }

    [Fact]
    public async Task A_device_is_written_to_and_stays_a_device()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is of Linux");
        string link = Path.Combine(_folder.Path, "null");
        File.CreateSymbolicLink(link, "/dev/null");
        foreach (string path in (string[])["/dev/null", link])
        {
            await WriteAsync(path, "gone");
        }

        IOException full = await Assert.ThrowsAnyAsync<IOException>(() => WriteAsync("/dev/full", "x"));
        Assert.Contains("No space", full.Message, StringComparison.Ordinal);
        foreach (string path in (string[])["/dev/null", "/dev/full"])
        {
            Assert.Equal(FileKind.CharacterDevice, FileFacts.Read(path, follow: false)!.Value.Kind);
        }

        await Assert.ThrowsAsync<IOException>(() => WriteAsync("/dev/null", "x", replace: false));
    }

    [Fact]
    public async Task A_pipe_is_written_to_and_one_that_is_not_read_is_left_when_it_is_cancelled()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in its file systems");
        string unread = Path.Combine(_folder.Path, "unread");
        string path = Path.Combine(_folder.Path, "pipe");
        using (Process mkfifo = Process.Start("mkfifo", [unread, path]))
        {
            await mkfifo.WaitForExitAsync().WaitAsync(_patience);
        }

        using CancellationTokenSource stop = new();
        Task waiting = WholeFile.WriteAsync(unread, true, 0, file => file.WriteAsync("never"u8.ToArray()).AsTask(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(_patience));

        Task<string> read = Task.Run(() => File.ReadAllText(path));
        await WriteAsync(path, "through the pipe").WaitAsync(_patience);
        Assert.Equal("through the pipe", await read.WaitAsync(_patience));
        Assert.Equal(FileKind.Pipe, FileFacts.Read(path, follow: false)!.Value.Kind);
    }

    [Fact]
    public async Task A_socket_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows shows no sockets in its file systems");
        string path = Path.Combine(_folder.Path, "socket");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));

        await Assert.ThrowsAsync<IOException>(() => WriteAsync(path, "x"));

        Assert.Equal(FileKind.Special, FileFacts.Read(path, follow: false)!.Value.Kind);
    }

    private static async Task WriteAsync(string path, string text, bool replace = true) =>
        await WholeFile.WriteAsync(path, replace, 0, file => file.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask());
}
