namespace Bitswap.Tests.Shared;

/// <summary>Finds the repository that a test runs in.</summary>
internal static class SharedData
{
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
