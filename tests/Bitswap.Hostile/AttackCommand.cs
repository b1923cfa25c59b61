namespace Bitswap.Hostile;

/// <summary>Runs the attackers of one attack until standard input ends.</summary>
internal static class AttackCommand
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string name, Multiaddr target, int count)
    {
        Attack attack = Attack.All.Single(candidate => candidate.Name == name);
        using CancellationTokenSource over = new();
        Task[] attackers = [.. Enumerable.Range(0, count).Select(i => AgainAndAgainAsync(attack, target, i, over.Token))];
        Console.WriteLine("attacking");
        await Console.In.ReadToEndAsync();
        await over.CancelAsync();
        await Task.WhenAll(attackers);
        return 0;
    }

    // whoever is thrown out comes again
    private static async Task AgainAndAgainAsync(Attack attack, Multiaddr target, int attacker, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await attack.RunAsync(target, attacker, over);
            }
            catch (Exception end) when (end is OperationCanceledException or BitswapException or IOException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(_pause, CancellationToken.None);
            }
        }
    }
}
