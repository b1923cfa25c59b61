using System.Diagnostics;
using System.Text.Json;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Node;
using Bitswap.Node.Content;

namespace Bitswap.Peer;

/// <summary>Saves a file or folder and tells how it went.</summary>
internal static class SaveCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        string destination = arguments.Required("--to");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            Blockstore = arguments.Has("--discard") ? new DiscardingBlockstore() : null,
            ListenAddresses = [],
        });
        await node.ConnectAsync([Multiaddr.Parse(arguments.Required("--peer"))]);
        FetchSessionOptions options = new() { Silence = TimeSpan.FromSeconds(arguments.Number("--timeout", 60)), Passing = true };
        if (arguments.Has("--warmup"))
        {
            await using FetchSession before = new(node, options);
            await SaveAsync(before, Cid.Parse(arguments.Required("--warmup")), destination);
        }

        await using FetchSession session = new(node, options);
        long allocatedBefore = GC.GetTotalAllocatedBytes();
        long started = Stopwatch.GetTimestamp();
        SaveResult saved = await SaveAsync(session, Cid.Parse(arguments.Required("--cid")), destination);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            files = saved.Files,
            bytes = saved.Bytes,
            recovered = saved.Recovered,
            fetched = session.BytesFetched,
            seconds = Math.Round(seconds, 4),
            MiBps = Math.Round(saved.Bytes / 1048576.0 / Math.Max(seconds, 1e-9), 2),
            maxRssMiB = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            allocatedPerByte = Math.Round((GC.GetTotalAllocatedBytes() - allocatedBefore) / (double)Math.Max(saved.Bytes, 1), 3),
        }));
        return 0;
    }

    private static Task<SaveResult> SaveAsync(FetchSession session, Cid cid, string destination) =>
        new UnixFsSaver(new UnixFsReader(session.Reader)).SaveAsync(cid, destination, cid.ToString());
}
