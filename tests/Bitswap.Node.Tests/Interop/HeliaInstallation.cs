using System.Diagnostics;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Interop;

/// <summary>The Helia peer of tests/interop, installed from its lock file on first use.</summary>
public sealed class HeliaInstallation : IAsyncLifetime
{
    private static readonly TimeSpan _installTime = TimeSpan.FromMinutes(8);
    private string? _missing;

    internal static string Folder { get; } = Path.Combine(SharedData.RepositoryRoot, "tests", "interop");

    public async ValueTask InitializeAsync()
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            _missing = "Node.js with npm is not on this machine's PATH";
            return;
        }

        if (Directory.Exists(Path.Combine(Folder, "node_modules", "helia")))
        {
            return;
        }

        using Process npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        Task<string> errors = npm.StandardError.ReadToEndAsync();
        Task<string> output = npm.StandardOutput.ReadToEndAsync();
        using CancellationTokenSource late = new(_installTime);
        await npm.WaitForExitAsync(late.Token);
        await output;
        if (npm.ExitCode != 0)
        {
            _missing = $"npm ci failed in tests/interop: {(await errors).Trim().Split('\n').LastOrDefault()}";
        }
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>Starts the peer, or skips the test with the reason.</summary>
    internal PeerProcess Start(params string[] arguments)
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return PeerProcess.Start("node", [Path.Combine(Folder, "peer.mjs"), .. arguments]);
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")) || File.Exists(Path.Combine(folder, program + ".cmd")));
}
