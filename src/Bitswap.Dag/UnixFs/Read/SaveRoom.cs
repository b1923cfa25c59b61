using System.Globalization;
using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Whether what is saved fits on its disk.</summary>
/// <param name="target">Where it is wanted.</param>
/// <param name="partial">Where it is put together.</param>
internal sealed class SaveRoom(string target, PartialSave partial)
{
    // errno: EFBIG, ENAMETOOLONG of Linux and of macOS and BSD
    private static readonly int[] _hopelessCodes = [27, 36, 63];
    private long? _declared;

    /// <summary>Refuses what has more bytes than the disk has room for, before any is written.</summary>
    /// <param name="declared">The bytes that its root block says it has; null where it does not say.</param>
    /// <exception cref="SaveException">DiskFull.</exception>
    public void Check(long? declared)
    {
        _declared = declared;
        if (declared is { } bytes && DiskSpace.FreeBytes(partial.Folder) is { } free && free + partial.Size() < bytes)
        {
            throw new SaveException(
                ReadErrorIds.DiskFull,
                string.Create(CultureInfo.InvariantCulture, $"'{target}' has {bytes:N0} bytes, and its disk has room for {free:N0}. Nothing was written."),
                target);
        }
    }

    /// <summary>Whether the same save would end like this one: what is saved, or a name in it, is larger than the disk or its file system takes.</summary>
    public static bool IsHopeless(Exception failure) => failure is PathTooLongException or SaveException { ErrorId: ReadErrorIds.DiskFull }
        || (failure is IOException && !OperatingSystem.IsWindows() && _hopelessCodes.Contains(failure.HResult));

    /// <summary>Ends a save that found the disk full. What it has written is kept only where it is no more than was said, and the rest has room by now.</summary>
    public SaveException Leave(SaveProgress progress, IOException cause)
    {
        bool fits = _declared is { } bytes && progress.Bytes <= bytes && DiskSpace.FreeBytes(partial.Folder) is { } free && free + partial.Size() >= bytes;
        if (!fits)
        {
            partial.Remove();
        }

        string left = fits ? "They are kept: the same save goes on from there." : "They are removed again.";
        string of = progress.Total is { } total ? string.Create(CultureInfo.InvariantCulture, $" of {total:N0}") : "";
        return new SaveException(
            ReadErrorIds.DiskFull,
            string.Create(CultureInfo.InvariantCulture, $"'{target}' cannot be saved: its disk was full when {progress.Bytes:N0}{of} bytes were written. {left}"),
            target,
            cause);
    }
}
