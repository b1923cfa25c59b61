using System.Diagnostics;

namespace Bitswap.Tests.Shared;

/// <summary>A file system of a few hundred KiB, which can be filled to its last byte and made read-only. Only root on Linux can make one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Makes one, or skips the test and says why.</summary>
    public static SmallDisk MakeOrSkip(int kibibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a small file system.");
        SmallDisk disk = new(Directory.CreateTempSubdirectory("bitswap-disk-").FullName);
        if (!TryRun("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "none", disk.Path))
        {
            Directory.Delete(disk.Path);
            Assert.Skip("This container may not mount a file system.");
        }

        return disk;
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        byte[] data = new byte[4096];
        using FileStream file = new(this["filler"], FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(data);
            }
        }
        catch (IOException)
        {
            // there is no more
        }
    }

    public void MakeReadOnly() => Assert.True(TryRun("mount", "-o", "remount,ro", Path));

    public void Dispose()
    {
        TryRun("umount", Path);
        Directory.Delete(Path);
    }

    private static bool TryRun(string program, params string[] arguments)
    {
        using Process? process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
