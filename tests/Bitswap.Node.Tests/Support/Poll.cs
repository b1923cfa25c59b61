using System.Diagnostics;

namespace Bitswap.Node.Tests.Support;

/// <summary>Waits for what has no signal, within a bound.</summary>
internal static class Poll
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < _patience, "The condition did not come true in time.");
            await Task.Yield();
        }
    }
}
