using System.Globalization;
using Bitswap.Node;

namespace Bitswap.Hostile;

/// <summary>
/// The node under attack where it is one that fetches, with its default options but for what it is told of, in a process of its own. Its second line is the rate.
/// </summary>
internal static class FetchCommand
{
    public static async Task<int> RunAsync(TimeSpan time, Sources sources)
    {
        Cid[] cids = HonestBlocks.Cids(HonestBlocks.Count);
        await using NoBlockstore store = new();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            Blockstore = store,
            Peers = sources.Peers,
            Routing = new RoutingOptions { Routers = sources.Routers, DhtBootstrap = sources.Dht },
        });
        Console.WriteLine("fetching");
        TransferResult result = await Transfer.RunAsync(node, [], cids, time);
        Console.WriteLine(result.Rate.ToString(CultureInfo.InvariantCulture));
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
