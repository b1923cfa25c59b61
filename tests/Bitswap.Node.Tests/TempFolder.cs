namespace Bitswap.Node.Tests;

/// <summary>A folder of a test's own that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bitswap-test-").FullName;

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Sets the mode of a file, in octal; for tests that do not run on Windows.</summary>
    public static void SetMode(string path, string mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }

    /// <summary>Returns the mode of a file, in octal; null on Windows.</summary>
    public static string? ModeOf(string path) => OperatingSystem.IsWindows() ? null : Convert.ToString((int)File.GetUnixFileMode(path), 8);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
