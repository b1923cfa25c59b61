using System.Diagnostics;
using System.Globalization;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Node;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;

namespace Bitswap.Benchmarks;

/// <summary>
/// How soon many have a file of one: first each is connected to that one alone, then to the others as well. All are nodes of this process on the loopback interface, each of which sends at
/// a bounded rate, as on lines of their own.
/// </summary>
internal static class CrowdRun
{
    public static async Task<int> RunAsync(string[] words)
    {
        int getters = Words.Number(words, "--getters", 30);
        int size = Words.Number(words, "--size", 16) << 20;
        long rate = (long)Words.Number(words, "--rate", 8) << 20;
        foreach (bool together in new[] { false, true })
        {
            Console.WriteLine(await RoundAsync(getters, size, rate, together));
        }

        return 0;
    }

    private static async Task<string> RoundAsync(int getters, int size, long rate, bool together)
    {
        string folder = Directory.CreateTempSubdirectory("bitswap-crowd-").FullName;
        List<NodeHost> nodes = [];
        try
        {
            MemoryBlockstore store = new();
            await using (store)
            {
                Cid root = await AddAsync(store, size);
                NodeHost seeder = await StartAsync(rate, store);
                nodes.Add(seeder);
                for (int i = 0; i < getters; i++)
                {
                    NodeHost node = await StartAsync(rate, new MemoryBlockstore());
                    foreach (NodeHost other in together ? nodes : [seeder])
                    {
                        await node.ConnectAsync(other.Addresses);
                    }

                    nodes.Add(node);
                }

                long started = Stopwatch.GetTimestamp();
                await Task.WhenAll(nodes.Skip(1).Select((node, i) => SaveAsync(node, root, Path.Combine(folder, $"{i}"))));
                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                double alone = getters * (double)size / rate;
                double copies = (await seeder.GetStatAsync()).Engine.BytesSent / (double)size;
                long twice = 0;
                foreach (NodeHost node in nodes)
                {
                    twice += (await node.GetStatAsync()).Engine.DuplicateBytes;
                }

                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(together ? "from each other" : "from one alone ")}  {getters} x {size >> 20} MiB at {rate >> 20} MiB/s  {seconds,6:F2} s  {alone / seconds,5:F1} times the line of the one  sent by it {copies,5:F1} times  came twice {100.0 * twice / ((double)getters * size):F1} %");
            }
        }
        finally
        {
            foreach (NodeHost node in nodes)
            {
                await node.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<NodeHost> StartAsync(long rate, MemoryBlockstore store) => await NodeHost.StartAsync(new NodeOptions
    {
        Blockstore = store,
        Engine = new EngineOptions { UploadRate = rate },
    });

    private static async Task<Cid> AddAsync(MemoryBlockstore store, int size)
    {
        byte[] data = new byte[size];
        new Random(1).NextBytes(data);
        using UnixFsImporter importer = new(new UnixFsImportOptions(), (cid, block, token) => store.PutAsync(cid, block.ToArray(), token));
        return (await importer.ImportAsync(new MemoryStream(data))).Cid;
    }

    private static async Task SaveAsync(NodeHost node, Cid root, string folder)
    {
        Directory.CreateDirectory(folder);
        await using FetchSession session = new(node, new FetchSessionOptions { Silence = TimeSpan.FromMinutes(2) });
        await new UnixFsSaver(new UnixFsReader(session.Reader)).SaveAsync(root, folder, "file");
    }
}
