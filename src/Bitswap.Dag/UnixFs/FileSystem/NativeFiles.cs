using System.Runtime.InteropServices;

namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>
/// Asks Linux and macOS for what .NET does not tell of a path: times to the nanosecond, and whether it leads to a pipe, a socket or a device.
/// Where the system answers in another way than is expected here, <see cref="IsUsable"/> is false and .NET's own classes are used.
/// </summary>
internal static partial class NativeFiles
{
    private const int StatLength = 256;
    private const uint StatxBasicStats = 0x7FF;
    private const uint TypeMask = 0xF000;
    private const uint PermissionMask = 0xFFF;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int AccessDenied = 13;
    private const int NotADirectory = 20;
    private static readonly Lazy<bool> _isUsable = new(AgreesWithDotNet);

    /// <summary>Gets whether the members of this class may be called.</summary>
    public static bool IsUsable => _isUsable.Value;

    /// <summary>Gets the number of the user whose rights this process has.</summary>
    public static uint User => GetEffectiveUser();

    private static int CurrentDirectory => OperatingSystem.IsLinux() ? -100 : -2;

    private static int NoFollow => OperatingSystem.IsLinux() ? 0x100 : 0x20;

    private static long Omit => OperatingSystem.IsLinux() ? (1 << 30) - 2 : -2;

    /// <summary>Reads the facts of a path; null when there is nothing.</summary>
    /// <exception cref="IOException">The system does not tell.</exception>
    /// <exception cref="UnauthorizedAccessException">The system may not tell.</exception>
    public static FileFacts? Read(string path, bool follow)
    {
        // the call would take what is before it for the path
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        Span<byte> stat = stackalloc byte[StatLength];
        if (Stat(path, follow, stat) == 0)
        {
            return OperatingSystem.IsLinux() ? OfLinux(stat) : OfMac(stat);
        }

        int error = Marshal.GetLastPInvokeError();
        return error is NoEntry or NotADirectory ? null : throw Failure(path, error);
    }

    /// <summary>Sets the time of last change of a path; of a symbolic link, its own.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not allowed.</exception>
    public static void SetModified(string path, UnixFsTime time)
    {
        // access time first, which stays
        Span<long> times = [0, Omit, time.Seconds, time.Nanoseconds ?? 0];
        if (UTimensAt(CurrentDirectory, path, ref times[0], NoFollow) != 0)
        {
            throw Failure(path, Marshal.GetLastPInvokeError());
        }
    }

    private static Exception Failure(string path, int error)
    {
        string message = $"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'";
        return error is AccessDenied or NotPermitted ? new UnauthorizedAccessException(message) : new IOException(message, error);
    }

    private static int Stat(string path, bool follow, Span<byte> stat)
    {
        if (OperatingSystem.IsLinux())
        {
            return StatX(CurrentDirectory, path, follow ? 0 : NoFollow, StatxBasicStats, ref stat[0]);
        }

        return (follow, RuntimeInformation.ProcessArchitecture == Architecture.X64) switch
        {
            (true, true) => StatMacX64(path, ref stat[0]),
            (true, false) => StatMac(path, ref stat[0]),
            (false, true) => LStatMacX64(path, ref stat[0]),
            (false, false) => LStatMac(path, ref stat[0]),
        };
    }

    // struct statx of linux/stat.h, the same on every architecture
    private static FileFacts OfLinux(ReadOnlySpan<byte> stat) => Of(U16(stat[28..]), I64(stat[40..]), I64(stat[112..]), U32(stat[120..]), U32(stat[20..]));

    // struct stat of sys/stat.h with 64-bit inodes
    private static FileFacts OfMac(ReadOnlySpan<byte> stat) => Of(U16(stat[4..]), I64(stat[96..]), I64(stat[48..]), (uint)I64(stat[56..]), U32(stat[16..]));

    private static FileFacts Of(uint mode, long size, long seconds, uint nanoseconds, uint owner)
    {
        FileKind kind = (mode & TypeMask) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xA000 => FileKind.Symlink,
            0x1000 => FileKind.Pipe,
            0x2000 => FileKind.CharacterDevice,
            _ => FileKind.Special,
        };
        return new FileFacts(kind, kind == FileKind.File ? size : 0, mode & PermissionMask, new UnixFsTime(seconds, nanoseconds == 0 ? null : nanoseconds))
        {
            Owner = owner,
        };
    }

    private static ushort U16(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<ushort>(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<uint>(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<long>(bytes);

    // the root folder is always there and hardly ever changes
    private static bool AgreesWithDotNet()
    {
        if (!(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) || !Environment.Is64BitProcess)
        {
            return false;
        }

        try
        {
            return Read("/", follow: false) is { Kind: FileKind.Directory } native
                && FileFacts.ReadManaged("/", follow: false) is { } managed
                && native.Mode == managed.Mode
                && native.Modified.Seconds == managed.Modified.Seconds
                && (native.Modified.Nanoseconds ?? 0) / TimeSpan.NanosecondsPerTick == (managed.Modified.Nanoseconds ?? 0) / TimeSpan.NanosecondsPerTick;
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatMac(string path, ref byte stat);

    [LibraryImport("libc", EntryPoint = "lstat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LStatMac(string path, ref byte stat);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatMacX64(string path, ref byte stat);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LStatMacX64(string path, ref byte stat);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UTimensAt(int directory, string path, ref long times, int flags);
}
