namespace Bitswap.Tests.Shared;

/// <summary>Finds the published test vectors that may lie beside the repository.</summary>
internal static class SharedData
{
    /// <summary>The path of a published vector, or a skip with the reason where it is absent.</summary>
    public static string Vector(string relativePath)
    {
        string path = Path.Combine(RepositoryRoot, "..", "shared", "vectors", relativePath);
        Assert.SkipUnless(Path.Exists(path), $"published vectors are absent: ../shared/vectors/{relativePath}");
        return path;
    }

    /// <summary>The folder that holds Bitswap.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

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
