namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>A folder to save into, within one that tells whether anything was written beside it.</summary>
internal sealed class SaveFolder : IDisposable
{
    private readonly string _outer = Directory.CreateTempSubdirectory("bitswap-save-").FullName;

    public SaveFolder()
    {
        Path = System.IO.Path.Combine(_outer, "in");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string Outside => System.IO.Path.Combine(_outer, "out");

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Everything there is, below the folder.</summary>
    public string[] All() => [.. Entries(Path).Select(path => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Fails if anything is outside.</summary>
    public void AssertNothingOutside() => Assert.Equal([Path], Directory.GetFileSystemEntries(_outer).Where(path => path != Outside));

    public void Dispose() => Directory.Delete(_outer, recursive: true);

    private static IEnumerable<string> Entries(string folder) => Directory.GetFileSystemEntries(folder)
        .SelectMany(path => new FileInfo(path).LinkTarget is null && Directory.Exists(path) ? Entries(path).Prepend(path) : [path]);
}
