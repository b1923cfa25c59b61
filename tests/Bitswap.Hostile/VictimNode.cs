using System.Text.Json;
using Bitswap.Hostile.LongForms;
using Bitswap.Node;

namespace Bitswap.Hostile;

/// <summary>The node under attack, with its default options, in a process of its own so that its memory and CPU are its own. It answers each line with a <see cref="MemoryReport"/>.</summary>
internal static class VictimNode
{
    /// <param name="connections">How many connections it keeps; 0 for the defaults.</param>
    public static async Task<int> RunAsync(int connections)
    {
        NodeOptions options = connections == 0 ? new NodeOptions() : new NodeOptions
        {
            ConfigureHost = host => host with
            {
                MaxConnections = connections,
                MaxInboundConnections = connections,
                MaxInboundConnectionsOfMachine = connections,
                HighWater = connections,
                LowWater = connections,
            },
        };
        await using NodeHost node = await NodeHost.StartAsync(options);
        for (int i = 0; i < HonestBlocks.Count; i++)
        {
            byte[] data = HonestBlocks.Data(i);
            await node.PutBlockAsync(HonestBlocks.CidOf(data), data);
        }

        Console.WriteLine(node.Addresses[0]);
        while (await Console.In.ReadLineAsync() is not null)
        {
            long managed = GC.GetTotalMemory(forceFullCollection: true);
            Console.WriteLine(JsonSerializer.Serialize(new MemoryReport(managed, Environment.WorkingSet, node.ConnectedPeers.Count)));
        }

        return 0;
    }
}
