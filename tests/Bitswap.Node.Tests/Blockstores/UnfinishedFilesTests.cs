using Bitswap.Node.Blockstores;
using Bitswap.Node.Tests.Interop;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Blockstores;

/// <summary>What writers leave unfinished goes once they are dead, and not before.</summary>
public sealed class UnfinishedFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static DateTime Never => DateTime.MinValue;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_of_a_writer_that_lives_stay_and_go_with_it()
    {
        UnfinishedFiles first = new(_folder["unfinished"]), second = new(_folder["unfinished"]);
        string path = first.NewPath();
        File.WriteAllText(path, "half");
        Assert.NotEqual(path, first.NewPath());
        Assert.NotEqual(Path.GetDirectoryName(path), Path.GetDirectoryName(second.NewPath()));

        second.RemoveDead(DateTime.MaxValue, isAlone: true);
        Assert.True(File.Exists(path));
        second.Dispose();
        first.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["unfinished"]));
        Assert.Throws<BitswapException>(first.NewPath);
    }

    [Fact]
    public async Task Files_of_a_writer_that_was_killed_go_when_the_store_is_opened_next()
    {
        await using (PeerProcess adder = PeerProcess.StartConsolePeer("add", "--to", _folder["repository"], "--chunk", "1000"))
        {
            // fewer than make a group, so that all of them are aside
            await adder.Input.WriteAsync(new byte[100_000].Select((_, i) => (byte)(i / 1000)).ToArray());
            await adder.Input.FlushAsync();
            await Poll.UntilAsync(() => Unfinished().Count() > 50);

            // another one that opens the store leaves them alone
            await using (FlatFileBlockstore other = new(_folder["repository/blocks"]))
            {
                Assert.True(Unfinished().Count() > 50);
            }

            await adder.KillAsync();
        }

        Assert.True(Unfinished().Count() > 50);
        await using FlatFileBlockstore store = new(_folder["repository/blocks"]);
        Assert.Empty(Unfinished());
    }

    [Fact]
    public void Where_it_cannot_be_told_whether_the_writer_lives_their_age_decides()
    {
        string folder = _folder["unfinished"];
        Directory.CreateDirectory(Path.Combine(folder, "without a lock"));
        File.WriteAllText(Path.Combine(folder, "old.tmp"), "half");
        UnfinishedFiles files = new(folder);
        files.RemoveDead(Never, isAlone: false);
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder).Count());

        // none that writes so can live beside the holder of a repository
        files.RemoveDead(Never, isAlone: true);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder));
        files.RemoveDead(DateTime.MaxValue, isAlone: false);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    private IEnumerable<string> Unfinished() => Directory.Exists(_folder["repository/blocks/.bitswap-unfinished"])
        ? Directory.EnumerateFiles(_folder["repository/blocks/.bitswap-unfinished"], "*.tmp", SearchOption.AllDirectories)
        : [];
}
