using System.Diagnostics;

namespace Bitswap.Peer.Kills;

/// <summary>Starts a process of <see cref="ChurnCommand"/> and kills it.</summary>
internal static class KillVictim
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>Kills it some time after it has written some lines, and returns all that it wrote.</summary>
    /// <exception cref="KillFailureException">It ended by itself, or says nothing more.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(IEnumerable<string> arguments, int lines, TimeSpan delay)
    {
        using Process victim = Process.Start(new ProcessStartInfo("dotnet", [typeof(KillVictim).Assembly.Location, "churn", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Task<string> errors = victim.StandardError.ReadToEndAsync();
            List<string> said = [];
            while (said.Count < lines && await victim.StandardOutput.ReadLineAsync().WaitAsync(_patience) is { } line)
            {
                said.Add(line);
            }

            await Task.Delay(delay);
            if (said.Count < lines || victim.HasExited)
            {
                throw new KillFailureException($"The process ended by itself: {await errors}");
            }

            victim.Kill();
            await victim.WaitForExitAsync().WaitAsync(_patience);
            said.AddRange((await victim.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            return said;
        }
        catch (TimeoutException)
        {
            throw new KillFailureException($"The process has said nothing for {_patience.TotalSeconds} s.");
        }
        finally
        {
            victim.Kill();
        }
    }
}
