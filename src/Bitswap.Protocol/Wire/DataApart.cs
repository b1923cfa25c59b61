namespace Bitswap.Protocol.Wire;

/// <summary>The data of a message's large blocks, left where it is, and after how many of the other bytes each piece belongs.</summary>
internal sealed class DataApart
{
    /// <summary>Data of so many bytes costs more to copy than another piece of a frame does.</summary>
    private const int Smallest = 16 * 1024;

    private readonly List<(int At, ReadOnlyMemory<byte> Data)> _pieces = [];

    /// <summary>The pieces in their order.</summary>
    public IReadOnlyList<(int At, ReadOnlyMemory<byte> Data)> Pieces => _pieces;

    /// <summary>Whether data is worth keeping apart.</summary>
    public static bool Takes(ReadOnlyMemory<byte> data) => data.Length >= Smallest;

    /// <summary>Bytes of a message that would be kept apart.</summary>
    public static long Size(BitswapMessage message)
    {
        long size = 0;
        for (int i = 0; i < message.Blocks.Count; i++)
        {
            ReadOnlyMemory<byte> data = message.Blocks[i].Data;
            size += Takes(data) ? data.Length : 0;
        }

        return size;
    }

    /// <summary>Keeps data that belongs behind the first <paramref name="at"/> of the other bytes.</summary>
    public void Add(int at, ReadOnlyMemory<byte> data) => _pieces.Add((at, data));
}
