using Bitswap.Blocks;
using Bitswap.Errors;

namespace Bitswap.Tests;

public sealed class OutFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bitswap-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_replaced_whole()
    {
        string path = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(path, "a longer text that was there before");
        await OutFile.WriteAsync(path, "new"u8.ToArray(), CancellationToken.None);
        Assert.Equal("new", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_cancelled_write_leaves_what_was_there()
    {
        string path = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(path, "old");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OutFile.WriteAsync(path, new byte[100], new CancellationToken(true)));
        Assert.Equal("old", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error_with_the_path()
    {
        string path = Path.Combine(_folder, "none", "file");
        Fault fault = (await Assert.ThrowsAsync<FaultException>(() => OutFile.WriteAsync(path, new byte[1], CancellationToken.None))).Fault;
        Assert.Equal(("OutFileFailed", (object?)path), (fault.ErrorId, fault.Target));
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_file_is_an_error_and_stays()
    {
        await Assert.ThrowsAsync<FaultException>(() => OutFile.WriteAsync(_folder, new byte[1], CancellationToken.None));
        Assert.True(Directory.Exists(_folder));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }
}
