using System.Formats.Tar;

namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>
/// Tells pipes, sockets and devices from files where <see cref="NativeFiles"/> is not usable: opening a pipe would wait for a writer for ever. Of .NET's
/// own classes the writer of tar files is the only one that says what a path is before it opens it.
/// </summary>
internal static class SpecialFile
{
    /// <summary>Returns the kind of a path of length 0, which is all that such a thing can have. Windows has none in its file systems.</summary>
    public static FileKind KindOf(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return FileKind.File;
        }

        using MemoryStream tar = new();
        try
        {
            using (TarWriter writer = new(tar, leaveOpen: true))
            {
                writer.WriteEntry(path, "entry");
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // a socket has no place in a tar file
            return FileKind.Special;
        }

        tar.Position = 0;
        using TarReader reader = new(tar);
        return reader.GetNextEntry()?.EntryType switch
        {
            TarEntryType.Fifo => FileKind.Pipe,
            TarEntryType.CharacterDevice => FileKind.CharacterDevice,
            TarEntryType.BlockDevice => FileKind.Special,
            _ => FileKind.File,
        };
    }
}
