using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Bitswap.Tests.Shared;

/// <summary>Asks Node.js, an independent implementation of much that is made here, in one process for many cases.</summary>
internal static class NodeOracle
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(1);

    /// <summary>Runs a script over cases, or skips with the reason where there is no Node.js.</summary>
    /// <param name="each">The body of a JavaScript function of <c>c</c>, one of the cases; <c>crypto</c> and <c>hex</c> (Buffer from hexadecimal) are there.</param>
    /// <param name="cases">What is serialized as JSON.</param>
    /// <returns>What the function returned, for each case.</returns>
    public static async Task<JsonElement[]> AskAsync(string each, IReadOnlyList<object> cases)
    {
        string script = $$"""
            const crypto = require('node:crypto');
            const hex = text => Buffer.from(text, 'hex');
            const each = c => { {{each}} };
            const cases = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
            process.stdout.write(JSON.stringify(cases.map(each)));
            """;
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["-e", script])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"no Node.js to compare with: {e.Message}");
        }

        using var timeout = new CancellationTokenSource(_timeout);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, cases, cancellationToken: timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, $"Node.js failed: {await error}");
            JsonElement[] answers = JsonSerializer.Deserialize<JsonElement[]>(await output)!;
            Assert.Equal(cases.Count, answers.Length);
            return answers;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
