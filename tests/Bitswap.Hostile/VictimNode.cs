using Bitswap.Node;

namespace Bitswap.Hostile;

/// <summary>The node under attack, with its default options, in a process of its own so that its memory and CPU are its own.</summary>
internal static class VictimNode
{
    public static async Task<int> RunAsync()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        for (int i = 0; i < HonestBlocks.Count; i++)
        {
            byte[] data = HonestBlocks.Data(i);
            await node.PutBlockAsync(HonestBlocks.CidOf(data), data);
        }

        Console.WriteLine(node.Addresses[0]);
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
