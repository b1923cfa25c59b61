using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Makes the folder that something is saved to, with those above it, and removes those that nothing came into.</summary>
internal sealed class MadeFolders : IDisposable
{
    private readonly List<string> _made = [];

    /// <summary>Makes what is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public MadeFolders(string folder)
    {
        for (string? missing = folder; missing is not null && Disk.At(missing) == FileKind.None; missing = Path.GetDirectoryName(missing))
        {
            _made.Add(missing);
        }

        Directory.CreateDirectory(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string folder in _made)
        {
            try
            {
                if (!Directory.EnumerateFileSystemEntries(folder).Any())
                {
                    Directory.Delete(folder);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // somebody puts something into it
                return;
            }
        }
    }
}
