using System.Diagnostics;
using System.Runtime.Versioning;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Content;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Tests.Repositories;

/// <summary>What other users of a machine could do to a repository, and what is said or refused because of it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RepositorySafetyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public RepositorySafetyTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");

    private string Home => _folder["home"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("home", "777")]
    [InlineData("home", "1777")]
    [InlineData("home", "702")]
    [InlineData("home/blocks", "707")]
    public async Task A_folder_that_everybody_may_write_to_is_refused_by_name(string folder, string mode)
    {
        await MakeAsync();
        string[] before = [.. Directory.EnumerateFileSystemEntries(Home, "*", SearchOption.AllDirectories).Order()];
        SetMode(_folder[folder], mode);
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(OpenAsync);
        Assert.Equal("UnsafeRepository", error.ErrorId);
        Assert.Contains($"'{_folder[folder]}'", error.Message);
        Assert.Contains($"chmod go-w '{_folder[folder]}'", error.Remedy);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(Home, "*", SearchOption.AllDirectories).Order());

        SetMode(_folder[folder], "700");
        await using Repository repository = await OpenAsync();
        Assert.Empty(repository.Warnings);
    }

    [Fact]
    public async Task A_folder_that_a_group_may_write_to_is_warned_of_by_name()
    {
        await MakeAsync();
        SetMode(Home, "770");
        await using Repository repository = await OpenAsync();
        Assert.Contains($"Other users may write to the folder '{Home}'", Assert.Single(repository.Warnings));
    }

    [Fact]
    public async Task A_folder_of_another_user_is_warned_of_by_name()
    {
        await MakeAsync();
        ChangeOwnerOrSkip(Home);
        await using Repository repository = await OpenAsync();
        Assert.Contains($"The folder '{Home}' belongs to another user, number 65534", Assert.Single(repository.Warnings));
    }

    [Fact]
    public async Task A_key_that_others_could_read_is_warned_of_and_restricted()
    {
        Directory.CreateDirectory(Home);
        string key = Path.Combine(Home, "identity.key");
        File.WriteAllBytes(key, PrivateKey.FromSeed(new byte[32]).Encode());
        SetMode(key, "644");
        await using (NodeHost node = await NodeHost.StartAsync(new NodeOptions { Path = Home }))
        {
            string warning = Assert.Single(node.Warnings);
            Assert.Contains($"could read the key '{key}'", warning);
            Assert.Contains("from now on", warning);
        }

        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(key), 8));
        await using Repository again = await OpenAsync();
        Assert.Empty(again.Warnings);
    }

    [Fact]
    public async Task No_file_is_written_through_a_link()
    {
        await MakeAsync();
        string victim = _folder["victim"];
        File.WriteAllText(victim, "precious");
        foreach (string name in new[] { "repo.pid", "pins.json.tmp", "pins.json" })
        {
            File.Delete(Path.Combine(Home, name));
            File.CreateSymbolicLink(Path.Combine(Home, name), victim);
        }

        File.WriteAllText(victim, """{"version":1,"pins":[]}""");
        await using (NodeHost node = await NodeHost.StartAsync(new NodeOptions { Path = Home }))
        {
            Assert.Null(new FileInfo(Path.Combine(Home, "repo.pid")).LinkTarget);
            Cid cid = Cid.Compute(0x55, [1]);
            await node.PutBlockAsync(cid, new byte[] { 1 });
            await node.PinAsync(cid, recursive: true);
        }

        Assert.Equal("""{"version":1,"pins":[]}""", File.ReadAllText(victim));
        Assert.Null(new FileInfo(Path.Combine(Home, "pins.json")).LinkTarget);

        // the lock is opened to be written to, and nothing can be made new in its place
        File.Delete(Path.Combine(Home, "repo.lock"));
        File.CreateSymbolicLink(Path.Combine(Home, "repo.lock"), _folder["made"]);
        Assert.Equal("UnsafeRepository", (await Assert.ThrowsAsync<BitswapException>(OpenAsync)).ErrorId);
        Assert.False(File.Exists(_folder["made"]));
    }

    private static void SetMode(string path, string octal) => File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(octal, 8));

    private static void ChangeOwnerOrSkip(string path)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a folder to another user.");
        using Process? chown = Process.Start("chown", ["65534", path]);
        chown!.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }

    private Task<Repository> OpenAsync() => Repository.OpenAsync(Home, null, CancellationToken.None);

    private async Task MakeAsync()
    {
        await using Repository repository = await OpenAsync();
        Assert.Empty(repository.Warnings);
    }
}
