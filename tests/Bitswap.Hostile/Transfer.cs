using System.Diagnostics;
using Bitswap.Node;

namespace Bitswap.Hostile;

/// <summary>An honest peer that fetches the same blocks again and again, and says how fast they came.</summary>
internal static class Transfer
{
    private const int AtOnce = 64;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects as somebody new and fetches for a time; connects again when it is refused or thrown out.</summary>
    public static async Task<TransferResult> RunAsync(Multiaddr target, IReadOnlyList<Cid> cids, TimeSpan time)
    {
        await using NoBlockstore store = new();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Blockstore = store });
        return await RunAsync(node, [target], cids, time);
    }

    /// <summary>Fetches with a node that finds the blocks at a peer or, where none is given, by itself.</summary>
    public static async Task<TransferResult> RunAsync(NodeHost node, IReadOnlyList<Multiaddr> target, IReadOnlyList<Cid> cids, TimeSpan time)
    {
        using CancellationTokenSource over = new(time);
        long bytes = 0;
        int breaks = 0;
        string? reason = null;
        int from = 0;
        long started = Stopwatch.GetTimestamp();
        while (!over.IsCancellationRequested)
        {
            try
            {
                if (target.Count > 0)
                {
                    await node.ConnectAsync(target, over.Token);
                }

                while (true)
                {
                    foreach (NodeWant want in await node.WantAsync([.. cids.Skip(from).Take(AtOnce)], new WantOptions { StoreOnly = true }, over.Token))
                    {
                        await want.Completion.WaitAsync(over.Token);
                        bytes += want.Size;
                    }

                    from = (from + AtOnce) % cids.Count;
                }
            }
            catch (Exception) when (over.IsCancellationRequested)
            {
                break;
            }
            catch (BitswapException refused)
            {
                breaks++;
                reason = refused.Message;
                await Task.Delay(_pause, CancellationToken.None);
            }
        }

        return new TransferResult(bytes / Stopwatch.GetElapsedTime(started).TotalSeconds, breaks, reason);
    }
}
