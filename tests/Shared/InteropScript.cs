using System.Diagnostics;
using System.Text.Json;

namespace Bitswap.Tests.Shared;

/// <summary>Runs the scripts of tests/interop, which say what implementations of npm make of something.</summary>
internal static class InteropScript
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(4);

    /// <summary>Runs one to its end, or skips with the reason where there is no Node.js.</summary>
    /// <param name="script">Its file name.</param>
    /// <param name="arguments">What follows that.</param>
    /// <param name="input">What it is given on standard input, as JSON; null for nothing.</param>
    /// <returns>What it printed.</returns>
    public static async Task<JsonElement> RunAsync(string script, IReadOnlyList<string> arguments, object? input = null)
    {
        string? missing = await InteropPackages.EnsureAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using CancellationTokenSource late = new(_timeout);
        using Process node = Process.Start(new ProcessStartInfo("node", [Path.Combine(InteropPackages.Folder, script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Task<string> output = node.StandardOutput.ReadToEndAsync(late.Token);
            Task<string> errors = node.StandardError.ReadToEndAsync(late.Token);
            if (input is not null)
            {
                await JsonSerializer.SerializeAsync(node.StandardInput.BaseStream, input, cancellationToken: late.Token);
            }

            node.StandardInput.Close();
            await node.WaitForExitAsync(late.Token);
            Assert.True(node.ExitCode == 0, await errors);
            return JsonSerializer.Deserialize<JsonElement>(await output);
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill();
            }
        }
    }
}
