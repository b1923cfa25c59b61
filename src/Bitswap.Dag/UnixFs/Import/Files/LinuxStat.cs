using System.Runtime.InteropServices;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>
/// The system call statx, which .NET's own file classes leave three things of unsaid that an import needs: nanoseconds, of which .NET keeps
/// hundreds; whether a file is a pipe, which would block who opens it; and the type of a link without following it, in one call.
/// </summary>
internal static class LinuxStat
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int StructureLength = 256; // struct statx, of one layout on every architecture (man 2 statx)
    private const int ModeOffset = 28;
    private const int SizeOffset = 40;
    private const int MtimeOffset = 112;
    private const int NoSuchEntry = 2; // ENOENT
    private const int NotADirectory = 20; // ENOTDIR
    private const int TypeMask = 0xf000;

    private static volatile bool _unavailable = !OperatingSystem.IsLinux();

    /// <summary>False where the call is not to be had, or fails in a way that the portable one explains better.</summary>
    public static bool TryRead(string path, bool follow, out FileFacts? facts)
    {
        facts = null;
        if (_unavailable)
        {
            return false;
        }

        byte[] buffer = new byte[StructureLength];
        try
        {
            if (Statx(CurrentDirectory, path, follow ? 0 : NoFollow, BasicStats, buffer) != 0)
            {
                return Marshal.GetLastPInvokeError() is NoSuchEntry or NotADirectory;
            }
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            _unavailable = true;
            return false;
        }

        facts = Parse(buffer);
        return true;
    }

    private static FileFacts Parse(ReadOnlySpan<byte> buffer)
    {
        int mode = MemoryMarshal.Read<ushort>(buffer[ModeOffset..]);
        FileKind kind = (mode & TypeMask) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xa000 => FileKind.Symlink,
            _ => FileKind.Special,
        };
        uint nanoseconds = MemoryMarshal.Read<uint>(buffer[(MtimeOffset + 8)..]);
        return new FileFacts(
            kind,
            MemoryMarshal.Read<long>(buffer[SizeOffset..]),
            (uint)(mode & ~TypeMask),
            new UnixFsTime(MemoryMarshal.Read<long>(buffer[MtimeOffset..]), nanoseconds == 0 ? null : nanoseconds));
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] buffer);
}
