namespace Bitswap.Libp2p.Tests.Support;

/// <summary>Waits for what gives no signal, and not for ever.</summary>
internal static class Poll
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < _limit, $"did not happen: {what}");
            await Task.Delay(1);
        }
    }
}
