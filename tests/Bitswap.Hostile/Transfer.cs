using System.Diagnostics;
using Bitswap.Node;
using Bitswap.Protocol;

namespace Bitswap.Hostile;

/// <summary>An honest peer that fetches the same blocks again and again, and says how fast they came.</summary>
internal static class Transfer
{
    private const int AtOnce = 64;

    /// <summary>Connects anew and fetches for a time.</summary>
    /// <returns>Bytes a second, from the first byte asked for; 0 when the node could not be reached.</returns>
    public static async Task<double> RunAsync(Multiaddr target, IReadOnlyList<Cid> cids, TimeSpan time)
    {
        await using NoBlockstore store = new();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Blockstore = store });
        using CancellationTokenSource over = new(time);
        long bytes = 0;
        long started = Stopwatch.GetTimestamp();
        try
        {
            await node.ConnectAsync([target], over.Token);
            for (int from = 0; ; from = (from + AtOnce) % cids.Count)
            {
                foreach (NodeWant want in await node.WantAsync([.. cids.Skip(from).Take(AtOnce)], new WantOptions { StoreOnly = true }, over.Token))
                {
                    await want.Completion.WaitAsync(over.Token);
                    bytes += want.Size;
                }
            }
        }
        catch (Exception end) when (over.IsCancellationRequested || end is BitswapException)
        {
            return bytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }
}
