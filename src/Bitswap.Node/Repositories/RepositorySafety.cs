using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Node.Core;

namespace Bitswap.Node.Repositories;

/// <summary>Looks at who else may change a repository or read its key. On Windows that is up to the rights of the folder.</summary>
internal static class RepositorySafety
{
    /// <summary>Refuses a folder that every user may write to, and says of one that some others may write to.</summary>
    /// <exception cref="BitswapException">UnsafeRepository.</exception>
    public static IEnumerable<string> CheckFolder(string folder)
    {
        if (FileRights.Of(folder, follow: true) is not { } rights)
        {
            yield break;
        }

        if (rights.IsWorldWritable && HasPermissions(folder))
        {
            throw new BitswapException(
                NodeErrorIds.UnsafeRepository,
                $"Every user of this machine may write to the folder '{folder}', and could put other blocks, pins or another key there.",
                $"Take that right away with \"chmod go-w '{folder}'\", and look at what is in it; or give a new folder, which may be in this one.",
                folder);
        }

        if (rights is { IsGroupWritable: true } or { IsWorldWritable: true })
        {
            yield return $"Other users may write to the folder '{folder}', and could put other blocks, pins or another key there. To take that right away: chmod go-w '{folder}'";
        }

        if (rights is { IsOwn: false, Owner: not 0 })
        {
            yield return $"The folder '{folder}' belongs to another user, number {rights.Owner}, who can change what is in it.";
        }
    }

    /// <summary>Lets only its owner read a key, and says so where others could.</summary>
    public static IEnumerable<string> CheckKey(string path, bool isReadOnly)
    {
        if (FileRights.Of(path, follow: true) is not { IsReadableByOthers: true })
        {
            yield break;
        }

        string now = !isReadOnly && TryRestrict(path)
            ? "Only its owner may read it from now on."
            : "That cannot be changed here.";
        yield return $"Other users could read the key '{path}'. {now} One who has copied it can pass for this node: where that may be, move the key away, and the node gets another.";
    }

    /// <summary>Refuses a link in the place of a file that is written to.</summary>
    /// <exception cref="BitswapException">UnsafeRepository.</exception>
    public static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new BitswapException(
                NodeErrorIds.UnsafeRepository, $"'{path}' is a link to '{target}', which would be written to.", "Remove the link, and look for who made it.", path);
        }
    }

    private static bool TryRestrict(string path)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return FileRights.Of(path, follow: true) is { IsReadableByOthers: false };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Returns whether a file system keeps the permissions that a file is made with. Those of other systems, and some that are shared, give all files the same.</summary>
    private static bool HasPermissions(string folder)
    {
        string probe = Path.Combine(folder, $".bitswap-{Guid.NewGuid():N}.tmp");
        try
        {
            OwnFile.Create(probe).Dispose();
            bool isKept = FileRights.Of(probe, follow: false) is { IsPrivate: true };
            File.Delete(probe);
            return isKept;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nothing is written to what is read-only, so there is nothing to refuse.
            return !FileErrors.IsNoWriteAccess(error);
        }
    }
}
