namespace Bitswap.Node.Core;

/// <summary>Makes files that are this user's alone.</summary>
internal static class OwnFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a file that no other user can read or write, and no process can open while this one has it. Where something is at its path, also a link, that is an error.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static FileStream Create(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>Replaces a file by another: it is there whole, with the old content or the new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="unfinished">Where the new one is put together; a path that cannot be guessed.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="overwrite">Whether a file may be there.</param>
    /// <exception cref="IOException">It cannot be written, and is as it was.</exception>
    public static void Replace(string path, string unfinished, ReadOnlySpan<byte> content, bool overwrite)
    {
        try
        {
            using (FileStream file = Create(unfinished))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
