using System.Diagnostics;

namespace Bitswap.Mutation;

/// <summary>Runs other programs.</summary>
internal static class Commands
{
    /// <summary>The code of a program that was ended since it took too long.</summary>
    public const int TookTooLong = int.MinValue;

    /// <summary>How everything is built: as what ships, and quick.</summary>
    public const string Configuration = "Release";

    /// <summary>Runs a program that has to succeed, and gives what it printed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int code, string output) = await TryRunAsync(TimeSpan.FromHours(1), program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {code}:\n{output}");
    }

    /// <summary>Runs a program for so long at most; gives its code and what it printed.</summary>
    public static async Task<(int Code, string Output)> TryRunAsync(TimeSpan limit, string program, IReadOnlyList<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(new CancellationTokenSource(limit).Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (TookTooLong, "");
        }

        return (process.ExitCode, await output + await errors);
    }
}
