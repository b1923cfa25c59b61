using System.Diagnostics;
using System.Text.Json;

namespace Bitswap.Tests.Shared;

/// <summary>The npm packages of tests/interop, installed from their lock file on first use by whichever test process comes first.</summary>
internal static class InteropPackages
{
    private static readonly TimeSpan _installTime = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan _lockPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>tests/interop.</summary>
    public static string Folder { get; } = Path.Combine(SharedData.RepositoryRoot, "tests", "interop");

    /// <summary>Installs what is missing; the reason why it cannot be used, or null.</summary>
    public static async Task<string?> EnsureAsync()
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            return "Node.js with npm is not on this machine's PATH";
        }

        using CancellationTokenSource late = new(_installTime);
        await using FileStream installing = await LockAsync(late.Token);
        return IsCurrent() ? null : await InstallAsync(late.Token);
    }

    /// <summary>Whether each package that is asked for is there in the version that is asked for.</summary>
    private static bool IsCurrent() =>
        Read(Path.Combine(Folder, "package.json")).GetProperty("dependencies").EnumerateObject().All(package =>
        {
            string installed = Path.Combine([Folder, "node_modules", .. package.Name.Split('/'), "package.json"]);
            return File.Exists(installed) && Read(installed).GetProperty("version").GetString() == package.Value.GetString();
        });

    private static JsonElement Read(string path) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path));

    private static async Task<string?> InstallAsync(CancellationToken late)
    {
        using Process npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        Task<string> errors = npm.StandardError.ReadToEndAsync(late);
        Task<string> output = npm.StandardOutput.ReadToEndAsync(late);
        await npm.WaitForExitAsync(late);
        await output;
        return npm.ExitCode == 0 ? null : $"npm ci failed in tests/interop: {(await errors).Trim().Split('\n').LastOrDefault()}";
    }

    /// <summary>Test processes run side by side, and two installations into one folder break each other.</summary>
    private static async Task<FileStream> LockAsync(CancellationToken late)
    {
        string path = Path.Combine(Folder, "node_modules.lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException)
            {
                // Nothing tells when another process lets go of a file.
                await Task.Delay(_lockPoll, late);
            }
        }
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")) || File.Exists(Path.Combine(folder, program + ".cmd")));
}
