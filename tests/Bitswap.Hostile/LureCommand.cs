namespace Bitswap.Hostile;

/// <summary>Runs the liars of one lure until standard input ends. Its first line is what the fetching node is told of.</summary>
internal static class LureCommand
{
    public static async Task<int> RunAsync(string name, Multiaddr provider, int count)
    {
        using CancellationTokenSource over = new();
        Console.WriteLine(await Lure.All.Single(candidate => candidate.Name == name).StartAsync(provider, count, over.Token));
        await Console.In.ReadToEndAsync();
        await over.CancelAsync();
        return 0;
    }
}
