using System.Text;

namespace Bitswap;

/// <summary>A block: its CID and, when it was read, its data.</summary>
public sealed class BitswapBlock
{
    internal BitswapBlock(Cid cid, long size, byte[]? data, PeerId? from, BitswapNode? node)
    {
        Cid = cid.ToString();
        Codec = cid.CodecName;
        Size = size;
        Data = data;
        From = from?.ToString();
        Node = node?.Name;
    }

    /// <summary>The CID.</summary>
    public string Cid { get; }

    /// <summary>The size of the data, in bytes.</summary>
    public long Size { get; }

    /// <summary>What the data is, as the CID says: raw, dag-pb, ....</summary>
    public string Codec { get; }

    /// <summary>The data; null when the block was only named, as by Add-BitswapBlock and in a listing. Do not change it.</summary>
    public byte[]? Data { get; }

    /// <summary>The peer it came from; null when the node had it.</summary>
    public string? From { get; }

    /// <summary>The node that holds it.</summary>
    public string? Node { get; }

    /// <summary>The data as UTF-8 text; empty when there is none.</summary>
    public string AsString() => Data is null ? "" : Encoding.UTF8.GetString(Data);

    /// <inheritdoc/>
    public override string ToString() => Cid;
}
