using System.Globalization;
using System.Text.Json;

namespace Bitswap.Hostile.LongForms;

/// <summary>What a peer that does nothing costs a node: many connect, agree on Bitswap and stay.</summary>
internal static class IdlePeers
{
    private const double GoalKiB = 30;
    private const int AtOnce = 16;
    private const int Room = 64;

    // streams of the node that nothing was written on are closed after 5 s
    private static readonly TimeSpan _settles = TimeSpan.FromSeconds(7);

    public static async Task<int> RunAsync(int count)
    {
        await using ChildProcess node = await ChildProcess.StartAsync("node", Text(count + Room));
        MemoryReport before = await node.ReportAsync();
        await using ChildProcess peers = await ChildProcess.StartAsync("idle-peers", node.Ready, Text(count));
        await Task.Delay(_settles);
        MemoryReport after = await node.ReportAsync();
        double each = (after.Managed - before.Managed) / 1024.0 / count;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            peers = after.Connections,
            kibPerPeer = Math.Round(each, 1),
            goal = GoalKiB,
            residentKibPerPeer = Math.Round((after.Resident - before.Resident) / 1024.0 / count, 1),
            managedMiB = after.Managed >> 20,
        }));
        return after.Connections == count ? 0 : 1;
    }

    /// <summary>The peers, in a process of their own, until standard input ends.</summary>
    public static async Task<int> ConnectAsync(Multiaddr target, int count)
    {
        AttackPeer[] peers = new AttackPeer[count];
        using SemaphoreSlim turn = new(AtOnce);
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            await turn.WaitAsync();
            try
            {
                peers[i] = await AttackPeer.ConnectAsync(target, reads: true, CancellationToken.None);
            }
            finally
            {
                turn.Release();
            }
        }));
        Console.WriteLine("connected");
        await Console.In.ReadToEndAsync();
        await Task.WhenAll(peers.Select(peer => peer.DisposeAsync().AsTask()));
        return 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
