using System.Collections.ObjectModel;
using System.Management.Automation;
using Bitswap.Errors;

namespace Bitswap.Pipeline;

/// <summary>Turns what the user wrote into files, as PowerShell's own cmdlets do: drives, ~, wildcards.</summary>
internal static class FilePaths
{
    // the longest path of Linux
    private const int MaxPath = 4096;

    /// <summary>
    /// Whether a text is the path of a file here, or one with a slash in it that of a folder: by its look it may be meant as that. Drives of PowerShell and ~ are not
    /// looked at, so that it costs little for each of many texts.
    /// </summary>
    public static bool IsPath(BitswapCmdlet cmdlet, string text)
    {
        if (text.Length is 0 or > MaxPath || text.AsSpan().ContainsAny('\n', '\0'))
        {
            return false;
        }

        string path = Path.Combine(cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath, text);
        return File.Exists(path) || (text.AsSpan().ContainsAny('/', Path.DirectorySeparatorChar) && Directory.Exists(path));
    }

    /// <summary>The full paths of files. What leads to none is reported, and the rest goes on.</summary>
    public static IReadOnlyList<string> Resolve(BitswapCmdlet cmdlet, IReadOnlyList<string> paths, bool wildcards) =>
        Resolve(cmdlet, paths, wildcards, folders: false);

    /// <summary>The full paths of files, folders and symbolic links. What leads to none is reported, and the rest goes on.</summary>
    public static IReadOnlyList<string> ResolveEntries(BitswapCmdlet cmdlet, IReadOnlyList<string> paths, bool wildcards) =>
        Resolve(cmdlet, paths, wildcards, folders: true);

    private static List<string> Resolve(BitswapCmdlet cmdlet, IReadOnlyList<string> paths, bool wildcards, bool folders)
    {
        List<string> files = [];
        foreach (string path in paths)
        {
            try
            {
                foreach (string found in Candidates(cmdlet, path, wildcards))
                {
                    if (File.Exists(found) || (folders && Directory.Exists(found)) || (folders && new FileInfo(found).LinkTarget is not null))
                    {
                        files.Add(found);
                    }
                    else if (Directory.Exists(found))
                    {
                        cmdlet.WriteError(Faults.NotAFile(found).ToErrorRecord());
                    }
                    else
                    {
                        cmdlet.WriteError(Faults.PathNotFound(found).ToErrorRecord());
                    }
                }
            }
            catch (Exception exception) when (exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException)
            {
                cmdlet.WriteError(Faults.PathNotFound(path).ToErrorRecord());
            }
        }

        return files;
    }

    private static IEnumerable<string> Candidates(BitswapCmdlet cmdlet, string path, bool wildcards)
    {
        if (wildcards)
        {
            Collection<string> found = cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            if (found.Count == 0)
            {
                cmdlet.WriteError(Faults.NoMatch(path).ToErrorRecord());
            }

            return IsFileSystem(provider) ? found : [path];
        }

        string literal = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo literalProvider, out _);
        return [IsFileSystem(literalProvider) ? literal : path];
    }

    private static bool IsFileSystem(ProviderInfo provider) => provider.Name.Equals("FileSystem", StringComparison.OrdinalIgnoreCase);
}
