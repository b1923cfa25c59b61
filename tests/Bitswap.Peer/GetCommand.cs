using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bitswap.Node;

namespace Bitswap.Peer;

/// <summary>Fetches blocks and tells how it went.</summary>
internal static class GetCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        Multiaddr[] peers = [.. arguments.Required("--peer").Split(',').Select(Multiaddr.Parse)];
        Cid[] cids = [.. (await File.ReadAllLinesAsync(arguments.Required("--cids"))).Where(line => line.Trim().Length > 0).Select(line => Cid.Parse(line.Trim()))];
        string parallel = arguments.Text("--parallel", "session");
        int atOnce = parallel switch
        {
            "session" => cids.Length,
            "one" => 1,
            _ => int.TryParse(parallel, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
                ? number
                : throw new UsageException("--parallel takes session, one or a number."),
        };

        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            Blockstore = new DiscardingBlockstore(),
            ListenAddresses = [],
            ProtocolVersions = arguments.Versions(),
        });
        foreach (IGrouping<PeerId?, Multiaddr> peer in peers.GroupBy(address => address.PeerId))
        {
            await node.ConnectAsync([.. peer]);
        }

        TimeSpan timeout = TimeSpan.FromSeconds(arguments.Number("--timeout", 60));
        await WarmUpAsync(node, cids, arguments.Number("--warmup", 0), atOnce, timeout);
        Cid[] timed = cids[Math.Min(cids.Length, arguments.Number("--warmup", 0))..];
        long allocatedBefore = GC.GetTotalAllocatedBytes();
        Fetch fetch = new(node, timed, timeout);
        await fetch.RunAsync(atOnce);
        NodeStat stat = await node.GetStatAsync();
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            blocks = fetch.Blocks,
            bytes = fetch.Bytes,
            missing = timed.Length - fetch.Blocks,
            duplicates = stat.Engine.DuplicateBlocks,
            seconds = Math.Round(fetch.Seconds, 4),
            MiBps = Math.Round(fetch.Bytes / 1048576.0 / Math.Max(fetch.Seconds, 1e-9), 2),
            medianMs = fetch.Percentile(0.5),
            p90Ms = fetch.Percentile(0.9),
            maxRssMiB = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            allocatedPerByte = Math.Round((GC.GetTotalAllocatedBytes() - allocatedBefore) / (double)Math.Max(fetch.Bytes, 1), 3),
            errors = fetch.Errors,
        }));
        return fetch.Blocks == timed.Length ? 0 : 2;
    }

    /// <summary>Fetches the first blocks untimed, so that what is timed is the engine and not the compiler.</summary>
    private static async Task WarmUpAsync(NodeHost node, Cid[] cids, int count, int atOnce, TimeSpan timeout)
    {
        if (count > 0)
        {
            await new Fetch(node, cids[..Math.Min(cids.Length, count)], timeout).RunAsync(atOnce);
        }
    }
}
