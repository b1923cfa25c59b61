using Bitswap.Multiformats;

namespace Bitswap.Hostile;

/// <summary>The blocks of the honest transfer, the same in every process.</summary>
internal static class HonestBlocks
{
    public const int Count = 256;
    public const int Size = 256 * 1024;

    public static byte[] Data(int index)
    {
        byte[] data = new byte[Size];
        new Random(index).NextBytes(data);
        return data;
    }

    public static Cid CidOf(byte[] data) => Cid.Compute(Multicodec.Raw, data);

    public static Cid[] Cids(int count) => [.. Enumerable.Range(0, count).Select(i => CidOf(Data(i)))];
}
