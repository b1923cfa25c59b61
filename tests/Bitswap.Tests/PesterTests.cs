using System.Diagnostics;
using System.Text.RegularExpressions;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests;

/// <summary>Runs the Pester suite where PowerShell and Pester are.</summary>
public sealed partial class PesterTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _most = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task The_pester_suite_passes()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("BITSWAP_PESTER_RUNS_APART") is not null, "Pester is run apart by who runs this");
        // the counts of an earlier run are not those of this one
        string counted = Path.Combine(SharedData.RepositoryRoot, "bin", "TestResults", "pester.txt");
        if (File.Exists(counted))
        {
            File.Delete(counted);
        }

        string? pwsh = Find("pwsh");
        Assert.SkipWhen(pwsh is null, "PowerShell (pwsh) is not on PATH");
        string version = (await RunAsync(pwsh, "-NoProfile", "-NonInteractive", "-Command", "$PSVersionTable.PSVersion.ToString()")).Output.Trim();
        Assert.SkipUnless(
            Version.TryParse(version.Split('-')[0], out Version? parsed) && parsed >= new Version(7, 6), $"PowerShell on PATH is {version}, and the module needs 7.6");
        string script = Path.Combine(SharedData.RepositoryRoot, "tests", "Pester", "Run.ps1");
        (int code, string text) = await RunAsync(pwsh, "-NoProfile", "-NonInteractive", "-File", script);
        output.WriteLine(text);
        Match counts = Counts().Match(text);
        Assert.True(counts.Success, $"Pester ended with code {code} and no counts:\n{text}");
        Assert.SkipWhen(counts.Groups[1].Value == "0" && counts.Groups[2].Value == "0", "Pester 5 or newer is not installed");
        Assert.True(code == 0 && counts.Groups[2].Value == "0", text);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
            .FirstOrDefault(File.Exists);

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource time = new(_most);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(time.Token);
            string text = await process.StandardOutput.ReadToEndAsync(time.Token);
            await process.WaitForExitAsync(time.Token);
            return (process.ExitCode, text + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took longer than {_most}.");
        }
    }

    [GeneratedRegex(@"^Pester: (\d+) passed, (\d+) failed, (\d+) skipped", RegexOptions.Multiline)]
    private static partial Regex Counts();
}
