namespace Bitswap.Fuzz;

/// <summary>The inputs that fuzzing starts from, and those that broke a parser once: a folder a target, a file an input.</summary>
internal static class FuzzSeeds
{
    /// <summary>The folder that holds Bitswap.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder of a target's inputs.</summary>
    public static string FolderOf(FuzzTarget target) => Path.Combine(RepositoryRoot, "tests", "Bitswap.Fuzz", "Seeds", target.Name);

    /// <summary>The inputs of a target, by file name.</summary>
    public static IReadOnlyList<(string File, byte[] Input)> Of(FuzzTarget target) =>
        [.. Directory.EnumerateFiles(FolderOf(target)).Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)))];

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bitswap.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Bitswap.sln above {AppContext.BaseDirectory}.");
    }
}
