using Bitswap.Multiformats;

namespace Bitswap.Node.Tests.Support;

/// <summary>Blocks to move about.</summary>
internal static class Samples
{
    public static Block Block(int seed, int size = 1000)
    {
        byte[] data = new byte[size];
        new Random(seed).NextBytes(data);
        return new Block(Cid.Compute(Multicodec.Raw, data), data);
    }

    public static Block[] Blocks(int count, int size = 1000) => [.. Enumerable.Range(1, count).Select(seed => Block(seed, size))];

    public static async Task PutAsync(NodeHost node, IEnumerable<Block> blocks)
    {
        foreach (Block block in blocks)
        {
            await node.PutBlockAsync(block.Cid, block.Data);
        }
    }
}
