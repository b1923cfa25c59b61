using System.Diagnostics;
using System.Text.Json;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Node;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;

namespace Bitswap.Benchmarks;

/// <summary>One import, in a process of its own so that the memory told is that of the import.</summary>
internal static class ImportOnce
{
    public static async Task<int> RunAsync(string way, string warmup, string file, string folder, string profileName)
    {
        UnixFsImportOptions options = new()
        {
            Profile = UnixFsProfile.TryGet(profileName, out UnixFsProfile? profile) ? profile : throw new ArgumentException($"No profile '{profileName}'."),
        };
        if (way == "hash")
        {
            using UnixFsImporter importer = new(options, null);
            await TellAsync(way, warmup, file, path => importer.ImportAsync(path), () => importer.Blocks);
            return 0;
        }

        IBlockstore store = way == "memory" ? new MemoryBlockstore() : new FlatFileBlockstore(folder);
        await using (store)
        {
            await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Blockstore = store, ListenAddresses = [] });
            await using NodeImport import = node.BeginImport(options);
            await TellAsync(way, warmup, file, path => import.AddAsync(path), () => import.Blocks);
            return 0;
        }
    }

    private static async Task TellAsync(string way, string warmup, string file, Func<string, Task<UnixFsImport>> import, Func<long> blocks)
    {
        if (warmup.Length > 0)
        {
            await import(warmup);
        }

        (long blocksBefore, long allocatedBefore) = (blocks(), GC.GetTotalAllocatedBytes());
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        UnixFsImport imported = await import(file);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double cpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds;
        long allocated = (GC.GetTotalAllocatedBytes() - allocatedBefore) / (blocks() - blocksBefore);
        long peak = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
        Console.WriteLine(JsonSerializer.Serialize(new ImportFigure(way, seconds, cpu, peak, allocated, imported.Cid.ToString())));
    }
}
