using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap;

/// <summary>A CID taken apart.</summary>
public sealed class BitswapCidInfo
{
    private readonly Cid _cid;
    private readonly MultibaseEncoding _base;

    internal BitswapCidInfo(Cid cid, MultibaseEncoding? encoding, string? path, long? size)
    {
        _cid = cid;
        _base = encoding ?? (cid.Version == 0 ? MultibaseEncoding.Base58Btc : MultibaseEncoding.Base32);
        Path = path;
        Size = size;
    }

    /// <summary>The CID in its usual base: base58btc of version 0, base32 of version 1.</summary>
    public string Cid => _cid.ToString();

    /// <summary>The CID as text in <see cref="Base"/>.</summary>
    public string Text => _cid.Version == 0 ? Cid : _cid.ToString(_base);

    /// <summary>0 or 1.</summary>
    public int Version => _cid.Version;

    /// <summary>What the data is: raw, dag-pb, ....</summary>
    public string Codec => _cid.CodecName;

    /// <summary>The hash function.</summary>
    public string HashAlgorithm => Multicodec.Name(_cid.Hash.Code);

    /// <summary>The digest, in hexadecimal.</summary>
    public string Digest => Convert.ToHexStringLower(_cid.Hash.Digest);

    /// <summary>The base of <see cref="Text"/>.</summary>
    public string Base => Multibase.Name(_base);

    /// <summary>The file the CID was computed of; null without one.</summary>
    public string? Path { get; }

    /// <summary>The size of the data the CID was computed of, in bytes; null without data.</summary>
    public long? Size { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
