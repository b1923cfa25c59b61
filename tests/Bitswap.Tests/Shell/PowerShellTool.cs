using System.Diagnostics;
using System.Text;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Shell;

/// <summary>Runs scripts in the PowerShell that .config/dotnet-tools.json pins.</summary>
internal static class PowerShellTool
{
    // programs that mostly compute and at times wait: so many at one time keep each core busy, and more would only slow each other down
    private static readonly SemaphoreSlim _slots = new(Environment.ProcessorCount + 1);

    /// <summary>Restores the tool; costs a second where it is there already.</summary>
    public static async Task RestoreAsync()
    {
        (int code, string text) = await RunAsync("dotnet", ["tool", "restore"], SharedData.RepositoryRoot, TimeSpan.FromMinutes(5));
        Assert.True(code == 0, $"dotnet tool restore ended with code {code}: {text}");
    }

    /// <summary>Runs a script of the repository.</summary>
    /// <param name="script">Its path, relative to the repository.</param>
    /// <param name="arguments">What follows the script.</param>
    /// <param name="limit">The time after which it is killed, with all that it started.</param>
    public static Task<(int Code, string Output)> RunScriptAsync(string script, IEnumerable<string> arguments, TimeSpan limit) =>
        RunAsync("dotnet", ["tool", "run", "pwsh", "--", "-NoProfile", "-NonInteractive", "-File", script, .. arguments], SharedData.RepositoryRoot, limit);

    /// <summary>Runs a program to its end, in its turn.</summary>
    /// <returns>Its exit code and both its outputs.</returns>
    /// <exception cref="TimeoutException">The limit has passed since its start; the message holds what it had printed.</exception>
    public static async Task<(int Code, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, string folder, TimeSpan limit, IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        // build servers that outlive the build would keep the pipes open
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        // a process that lives for seconds spends more on measuring which code is hot than it gains, and sends nothing to anyone
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        await _slots.WaitAsync();
        try
        {
            return await RunToEndAsync(start, limit);
        }
        finally
        {
            _slots.Release();
        }
    }

    private static async Task<(int Code, string Output)> RunToEndAsync(ProcessStartInfo start, TimeSpan limit)
    {
        StringBuilder text = new();
        void Append(object sender, DataReceivedEventArgs line)
        {
            lock (text)
            {
                text.AppendLine(line.Data);
            }
        }

        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using CancellationTokenSource late = new(limit);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            lock (text)
            {
                throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} took longer than {limit}, and was killed. It had printed:\n{text}");
            }
        }

        lock (text)
        {
            return (process.ExitCode, text.ToString());
        }
    }
}
