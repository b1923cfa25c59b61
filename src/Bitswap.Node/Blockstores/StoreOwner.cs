namespace Bitswap.Node.Blockstores;

/// <summary>
/// Says whose a folder of flat files is. One that this module did not make may hold what others need: their pins are not known here, so nothing is removed from it
/// without the user's word.
/// </summary>
internal static class StoreOwner
{
    /// <summary>An empty folder in the root of each store of flat files that is made here. Kubo passes over what begins with a dot.</summary>
    private const string Mark = ".bitswap-store";
    private static readonly string[] _filesOfFlatfs = ["_README", "diskUsage.cache"];

    /// <summary>Returns whether a folder is Kubo's repository, which holds its own key, lock and pins.</summary>
    public static bool IsKubo(string folder)
    {
        bool Has(string file) => File.Exists(Path.Combine(folder, file));
        return Has("datastore_spec") || (Has("config") && Has("version"));
    }

    /// <summary>Marks a folder as a store that this module makes.</summary>
    public static void Claim(string root) => Directory.CreateDirectory(Path.Combine(root, Mark));

    /// <summary>Returns the owner of a folder of flat files, as the end of a sentence that begins with "It is"; null for one of this module.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="isOfRepository">Whether it is that of a repository of this module.</param>
    public static string? Of(string root, bool isOfRepository)
    {
        FileSystemInfo? end = new DirectoryInfo(root).ResolveLinkTarget(returnFinalTarget: true);
        string folder = end?.FullName ?? root;
        if (Path.GetDirectoryName(folder) is { } parent && IsKubo(parent))
        {
            return $"Kubo's, of the repository '{parent}'";
        }

        if (_filesOfFlatfs.FirstOrDefault(file => File.Exists(Path.Combine(folder, file))) is { } sign)
        {
            return $"Kubo's or another program's that keeps its blocks in flatfs, since it has the file {sign}";
        }

        return Directory.Exists(Path.Combine(folder, Mark)) || (isOfRepository && end is null)
            ? null
            : $"of another program, since it does not have the folder {Mark} of a store that this module made";
    }
}
