using System.Security.Cryptography;

namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>
/// Writes files that are there whole or not at all: beside their place, under a short name, and renamed at the end. What is there is looked at first.
/// A symbolic link stays, and what it leads to is replaced. A pipe or a device such as /dev/null is written to and stays what it is.
/// </summary>
public static class WholeFile
{
    private const int MaxLinks = 40;
    private const int NameBytes = 8;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="replace">Whether a file that is there is replaced.</param>
    /// <param name="bufferSize">Bytes that are collected for one write; 0 for none.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="cancellationToken">Ends the wait for a pipe that is not read; <paramref name="write"/> may go on in the background for a moment then.</param>
    /// <exception cref="IOException">It cannot be written; it is there and is not to be replaced; it is a folder, a disk or a socket.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static Task WriteAsync(string path, bool replace, int bufferSize, Func<Stream, Task> write, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string target = FinalTarget(path);
        FileFacts? there = FileFacts.Read(target, follow: true);
        switch (there?.Kind)
        {
            case FileKind.Directory:
                throw new IOException($"'{path}' is a folder.");
            case FileKind.Special:
                throw new IOException($"'{path}' is a disk or a socket.");
            case not null when !replace:
                throw new IOException($"'{path}' is there already.");
            case FileKind.Pipe or FileKind.CharacterDevice:
                return WriteThroughAsync(target, bufferSize, write, cancellationToken);
            case not null when IsOfAProcess(target):
                // the file that a process has open as its output is written to, not taken from it
                return WriteThroughAsync(target, bufferSize, write, cancellationToken);
            default:
                return ReplaceAsync(target, replace, there?.Mode, bufferSize, write);
        }
    }

    // where a chain of links ends; a link of /proc leads to what a process has open, which may have no path
    private static string FinalTarget(string path)
    {
        string target = path;
        for (int i = 0; new FileInfo(target).LinkTarget is { } leads && !IsOfAProcess(target); i++)
        {
            if (i == MaxLinks)
            {
                throw new IOException($"'{path}' is a symbolic link that leads round in a circle, or over more than {MaxLinks} others.");
            }

            target = Path.GetFullPath(leads, Path.GetDirectoryName(target) ?? target);
        }

        return target;
    }

    private static bool IsOfAProcess(string path) => OperatingSystem.IsLinux() && path.StartsWith("/proc/", StringComparison.Ordinal);

    // away from the caller: a pipe is opened once there is a reader, and no token ends that
    private static Task WriteThroughAsync(string target, int bufferSize, Func<Stream, Task> write, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            FileStream file = new(target, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = bufferSize });
            await using (file.ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await write(file).ConfigureAwait(false);
            }
        },
        cancellationToken).WaitAsync(cancellationToken);

    private static async Task ReplaceAsync(string target, bool replace, uint? mode, int bufferSize, Func<Stream, Task> write)
    {
        string folder = Path.GetDirectoryName(target) ?? target;
        if (!Directory.Exists(folder))
        {
            // said of the folder, and not of the name that the file has for a while
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        }

        string temporary = Path.Combine(folder, $".bitswap-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes))}.tmp");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = bufferSize, Options = FileOptions.Asynchronous };
        if (mode is { } bits && !OperatingSystem.IsWindows())
        {
            // what may be read by its owner alone stays so, from its first byte on
            options.UnixCreateMode = (UnixFileMode)bits | UnixFileMode.UserWrite;
        }

        FileStream file = new(temporary, options);
        try
        {
            await using (file.ConfigureAwait(false))
            {
                await write(file).ConfigureAwait(false);
            }

            if (mode is { } kept && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, (UnixFileMode)kept);
            }

            File.Move(temporary, target, replace);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
