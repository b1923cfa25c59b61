using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Bitswap.Hostile.Attacks;
using Bitswap.Node;

namespace Bitswap.Hostile.LongForms;

/// <summary>Sockets by the thousand that say nothing and come again when they are closed, while honest peers dial the node and take a block each.</summary>
internal static class RawSockets
{
    private const int AtOnce = 256;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _first = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(int count, TimeSpan time)
    {
        Cid cid = HonestBlocks.CidOf(HonestBlocks.Data(0));
        await using ChildProcess node = await ChildProcess.StartAsync("node");
        Multiaddr target = Multiaddr.Parse(node.Ready);
        // the first of a process takes as long as its code takes to be compiled
        await TakeAsync(target, cid, _first);
        MemoryReport before = await node.ReportAsync();
        List<TimeSpan> took = [];
        int refused = 0;
        string? reason = null;
        long peak = 0;
        double cpu;
        await using (ChildProcess sockets = await ChildProcess.StartAsync("raw-sockets", node.Ready, Text(count)))
        {
            TimeSpan cpuBefore = node.Cpu;
            long started = Stopwatch.GetTimestamp();
            // on a busy machine a short time may see none that is served
            while (Stopwatch.GetElapsedTime(started) is var elapsed && (elapsed < time || (took.Count == 0 && elapsed < _first)))
            {
                long began = Stopwatch.GetTimestamp();
                try
                {
                    await TakeAsync(target, cid, _patience);
                    took.Add(Stopwatch.GetElapsedTime(began));
                }
                catch (Exception failure) when (failure is BitswapException or OperationCanceledException)
                {
                    refused++;
                    reason = failure.Message;
                }

                peak = Math.Max(peak, node.Memory);
                await Task.Delay(_pause);
            }

            cpu = (node.Cpu - cpuBefore) / Stopwatch.GetElapsedTime(started);
        }

        took.Sort();
        MemoryReport after = await node.ReportAsync();
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            sockets = count,
            served = took.Count,
            refused,
            reason,
            medianMs = took.Count == 0 ? -1 : Math.Round(took[took.Count / 2].TotalMilliseconds),
            longestMs = took.Count == 0 ? -1 : Math.Round(took[^1].TotalMilliseconds),
            nodeCpu = Math.Round(cpu, 2),
            peakMiB = peak >> 20,
            beforeMiB = before.Managed >> 20,
            afterMiB = after.Managed >> 20,
        }));
        return took.Count > 0 && refused <= took.Count / 20 ? 0 : 1;
    }

    /// <summary>The sockets, in a process of their own, until standard input ends. They come again some seconds after they were closed.</summary>
    public static async Task<int> OpenAsync(Multiaddr target, int count)
    {
        using CancellationTokenSource over = new();
        using SemaphoreSlim turn = new(AtOnce);
        Task[] sockets = [.. Enumerable.Range(0, count).Select(_ => KeepAsync(target, turn, over.Token))];
        Console.WriteLine("opening");
        await Console.In.ReadToEndAsync();
        await over.CancelAsync();
        await Task.WhenAll(sockets);
        return 0;
    }

    private static async Task TakeAsync(Multiaddr target, Cid cid, TimeSpan patience)
    {
        using CancellationTokenSource late = new(patience);
        await using NodeHost honest = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [] }, late.Token);
        await honest.ConnectAsync([target], late.Token);
        await honest.GetBlockAsync(cid, new WantOptions(), late.Token);
    }

    private static async Task KeepAsync(Multiaddr target, SemaphoreSlim turn, CancellationToken over)
    {
        byte[] buffer = new byte[16];
        while (!over.IsCancellationRequested)
        {
            try
            {
                await turn.WaitAsync(over);
                TcpClient client;
                try
                {
                    client = await RawSocket.ConnectAsync(target, over);
                }
                finally
                {
                    turn.Release();
                }

                using (client)
                {
                    while (await client.GetStream().ReadAsync(buffer, over) > 0)
                    {
                    }
                }

                await Task.Delay(TimeSpan.FromSeconds(2 + (8 * Random.Shared.NextDouble())), over);
            }
            catch (Exception end) when (end is OperationCanceledException or IOException or SocketException)
            {
                // closed by the node, or over
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
