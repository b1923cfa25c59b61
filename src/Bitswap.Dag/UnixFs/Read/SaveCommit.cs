namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Moves what is whole to where it was wanted. Looks at all of it before it moves any of it.</summary>
internal static class SaveCommit
{
    /// <summary>Moves a file, symlink or folder.</summary>
    /// <exception cref="SaveException">TargetExists or UnsafeDestination: nothing was moved.</exception>
    public static void Move(string source, string target, bool force)
    {
        Check(source, target, force);
        Apply(source, target);
    }

    /// <summary>Refuses a target that is there and cannot take what is saved.</summary>
    public static void Check(string source, string target, bool force)
    {
        DiskEntry there = Disk.At(target);
        if (there == DiskEntry.None)
        {
            return;
        }

        if (!force)
        {
            throw new SaveException(ReadErrorIds.TargetExists, $"There is something at '{target}' already.", target);
        }

        bool isFolder = Disk.At(source) == DiskEntry.Directory;
        if (isFolder && there == DiskEntry.Link)
        {
            throw new SaveException(ReadErrorIds.UnsafeDestination, $"'{target}' is a symlink; what is saved would go to where it leads.", target);
        }

        if (isFolder != (there == DiskEntry.Directory))
        {
            string kinds = isFolder ? "a folder is saved where a file is" : "a file is saved where a folder is";
            throw new SaveException(ReadErrorIds.TargetExists, $"'{target}' cannot be replaced: {kinds}.", target);
        }

        if (isFolder)
        {
            foreach (string child in Directory.GetFileSystemEntries(source))
            {
                Check(child, Path.Combine(target, Path.GetFileName(child)), force);
            }
        }
    }

    private static void Apply(string source, string target)
    {
        if (Disk.At(source) != DiskEntry.Directory)
        {
            if (Disk.At(source) == DiskEntry.Link)
            {
                // a link whose end is missing is nothing to File.Move
                string? leads = new FileInfo(source).LinkTarget;
                Disk.Remove(target);
                File.CreateSymbolicLink(target, leads!);
                return;
            }

            File.Move(source, target, overwrite: true);
        }
        else if (Disk.At(target) == DiskEntry.None)
        {
            Directory.Move(source, target);
        }
        else
        {
            foreach (string child in Directory.GetFileSystemEntries(source))
            {
                Apply(child, Path.Combine(target, Path.GetFileName(child)));
            }
        }
    }
}
