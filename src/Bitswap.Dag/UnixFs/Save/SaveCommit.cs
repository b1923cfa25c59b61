using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Moves what is whole to where it was wanted. Looks at all of it before it moves any of it.</summary>
internal static class SaveCommit
{
    /// <summary>Moves a file, symlink or folder.</summary>
    /// <exception cref="SaveException">TargetExists or UnsafeDestination: nothing was moved.</exception>
    public static void Move(string source, string target, bool force)
    {
        if (Disk.At(source) == FileKind.None)
        {
            // all of it is at the target already
            return;
        }

        Check(source, target, force);
        Apply(source, target);
    }

    /// <summary>Refuses a target that is there and cannot take what is saved.</summary>
    public static void Check(string source, string target, bool force)
    {
        FileKind there = Disk.At(target);
        if (there == FileKind.None)
        {
            return;
        }

        if (!force)
        {
            throw new SaveException(ReadErrorIds.TargetExists, $"There is something at '{target}' already.", target);
        }

        bool isFolder = Disk.At(source) == FileKind.Directory;
        CheckKind(target, there, isFolder);
        if (isFolder)
        {
            foreach (string child in Directory.GetFileSystemEntries(source))
            {
                Check(child, Path.Combine(target, Path.GetFileName(child)), force);
            }
        }
    }

    /// <summary>Refuses what is at a target and cannot be replaced by what is saved there, or take it up.</summary>
    /// <exception cref="SaveException">TargetExists or UnsafeDestination.</exception>
    public static void CheckKind(string target, FileKind there, bool isFolder)
    {
        RefuseSpecial(target, there);
        if (there == FileKind.None)
        {
            return;
        }

        if (isFolder && there == FileKind.Symlink)
        {
            throw new SaveException(ReadErrorIds.UnsafeDestination, $"'{target}' is a symlink; what is saved would go to where it leads.", target);
        }

        if (isFolder != (there == FileKind.Directory))
        {
            string kinds = isFolder ? "a folder is saved where a file is" : "a file is saved where a folder is";
            throw new SaveException(ReadErrorIds.TargetExists, $"'{target}' cannot be replaced: {kinds}.", target);
        }
    }

    /// <summary>Refuses a target that is no file, folder or link: it would be gone, and what others use it for with it.</summary>
    /// <exception cref="SaveException">UnsafeDestination.</exception>
    public static void RefuseSpecial(string target, FileKind there)
    {
        if (there is FileKind.Pipe or FileKind.CharacterDevice or FileKind.Special)
        {
            throw new SaveException(ReadErrorIds.UnsafeDestination, $"'{target}' is a pipe, a socket or a device, which is not replaced by a file.", target);
        }
    }

    private static void Apply(string source, string target)
    {
        if (Disk.At(source) != FileKind.Directory)
        {
            if (Disk.At(source) == FileKind.Symlink)
            {
                Disk.MoveLink(source, target);
                return;
            }

            File.Move(source, target, overwrite: true);
        }
        else if (Disk.At(target) == FileKind.None)
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
