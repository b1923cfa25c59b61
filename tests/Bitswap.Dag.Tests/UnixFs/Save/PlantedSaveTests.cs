using System.Diagnostics;
using System.Runtime.Versioning;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>Saves into a folder that others may write to, where another has made what a save would make.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PlantedSaveTests : IDisposable
{
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();
    private readonly byte[] _content = TestGraph.Bytes(300);
    private readonly DagPbLink _file;
    private readonly string _usual;

    public PlantedSaveTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        _file = _graph.Balanced(_content, 100, 10);
        _usual = NameOfPart();
        File.WriteAllText(_folder.Outside, "precious");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_of_another_user_is_not_taken_and_nothing_is_written_through_its_links()
    {
        Directory.CreateDirectory(_usual);
        File.CreateSymbolicLink(Path.Combine(_usual, "content"), _folder.Outside);
        File.CreateSymbolicLink(Path.Combine(_usual, "lock"), _folder.Outside);
        GiveAwayOrSkip(_usual);
        await SavedBesideAsync();
        Assert.Equal(["content", "lock"], Directory.GetFileSystemEntries(_usual).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("707")]
    [InlineData("770")]
    public async Task A_folder_that_others_may_write_to_is_not_taken(string mode)
    {
        Directory.CreateDirectory(_usual);
        File.CreateSymbolicLink(Path.Combine(_usual, "content"), _folder.Outside);
        File.SetUnixFileMode(_usual, (UnixFileMode)Convert.ToInt32(mode, 8));
        await SavedBesideAsync();
    }

    [Fact]
    public async Task A_link_to_a_folder_is_not_taken()
    {
        string elsewhere = _folder.Outside + ".d";
        Directory.CreateDirectory(elsewhere);
        File.CreateSymbolicLink(_usual, elsewhere);
        await SavedBesideAsync();
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
        Directory.Delete(elsewhere);
    }

    [Fact]
    public async Task A_file_in_its_place_is_left_alone()
    {
        File.WriteAllText(_usual, "mine");
        await SavedBesideAsync();
        Assert.Equal("mine", File.ReadAllText(_usual));
    }

    [Fact]
    public async Task What_was_left_under_another_name_is_found_again()
    {
        Directory.CreateDirectory(_usual);
        File.SetUnixFileMode(_usual, (UnixFileMode)Convert.ToInt32("777", 8));
        Cid last = Cid.Compute(0x55, _content[200..]);
        _graph.Drop(last);
        await Assert.ThrowsAsync<KeyNotFoundException>(SaveAsync);
        _graph.Put(0x55, _content[200..]);
        Assert.Single(Directory.GetDirectories(_folder.Path, Path.GetFileNameWithoutExtension(_usual) + "-*.part"));

        SaveResult saved = await SaveAsync();
        Assert.Equal(200, saved.Recovered);
        Assert.Equal(_content, File.ReadAllBytes(_folder["saved"]));
        Assert.Equal([_usual, _folder["saved"]], Directory.GetFileSystemEntries(_folder.Path).Order());
    }

    private async Task SavedBesideAsync()
    {
        await SaveAsync();
        Assert.Equal(_content, File.ReadAllBytes(_folder["saved"]));
        Assert.Equal("precious", File.ReadAllText(_folder.Outside));
        Assert.Equal([_usual, _folder["saved"]], Directory.GetFileSystemEntries(_folder.Path).Order());
    }

    private Task<SaveResult> SaveAsync() => new UnixFsSaver(_graph.Reader(new ReadLimits { ReadAheadBlocks = 1 })).SaveAsync(_file.Cid, _folder.Path, "saved");

    // the name that a save gives its folder follows from what is saved
    private string NameOfPart()
    {
        string? seen = null;
        _graph.Before = (_, _) =>
        {
            seen ??= Directory.GetDirectories(_folder.Path).Single();
            return default;
        };
        SaveAsync().GetAwaiter().GetResult();
        _graph.Before = null;
        File.Delete(_folder["saved"]);
        return seen!;
    }

    private static void GiveAwayOrSkip(string folder)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a folder to another user.");
        using Process? chown = Process.Start("chown", ["-R", "-h", "65534", folder]);
        chown!.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
