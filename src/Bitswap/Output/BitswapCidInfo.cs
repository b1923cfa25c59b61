using Bitswap.Multiformats;

namespace Bitswap;

/// <summary>A CID taken apart.</summary>
public sealed class BitswapCidInfo
{
    private readonly MultibaseEncoding _base;

    internal BitswapCidInfo(Cid cid, MultibaseEncoding? encoding, string? path, long? size)
    {
        Cid = cid;
        _base = encoding ?? (cid.Version == 0 ? MultibaseEncoding.Base58Btc : MultibaseEncoding.Base32);
        Path = path;
        Size = size;
    }

    /// <summary>The CID.</summary>
    public Cid Cid { get; }

    /// <summary>The CID as text in <see cref="Base"/>.</summary>
    public string Text => Cid.Version == 0 ? Cid.ToString() : Cid.ToString(_base);

    /// <summary>0 or 1.</summary>
    public int Version => Cid.Version;

    /// <summary>What the data is: raw, dag-pb, ....</summary>
    public string Codec => Cid.CodecName;

    /// <summary>The hash function.</summary>
    public string HashAlgorithm => Multicodec.Name(Cid.Hash.Code);

    /// <summary>The digest, in hexadecimal.</summary>
    public string Digest => Convert.ToHexStringLower(Cid.Hash.Digest);

    /// <summary>The base of <see cref="Text"/>.</summary>
    public string Base => Multibase.Name(_base);

    /// <summary>The file the CID was computed of; null without one.</summary>
    public string? Path { get; }

    /// <summary>The size of the data the CID was computed of, in bytes; null without data.</summary>
    public long? Size { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
