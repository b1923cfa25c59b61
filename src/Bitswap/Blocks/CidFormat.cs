using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Blocks;

/// <summary>How the CID of data is made.</summary>
internal sealed class CidFormat
{
    private readonly int _version;
    private readonly ulong _codec;
    private readonly ulong _hash;

    /// <summary>Checks the names.</summary>
    /// <exception cref="FaultException">UnknownName or UnsupportedCidVersion.</exception>
    public CidFormat(string? codec, string? hash, int version)
    {
        _version = version;
        codec ??= version == 0 ? "dag-pb" : "raw";
        hash ??= "sha2-256";
        if (!Multicodec.TryGetCode(codec, out _codec))
        {
            throw new FaultException(Faults.UnknownName("codec", codec));
        }

        if (!Multicodec.HashNames.Contains(hash, StringComparer.OrdinalIgnoreCase) || !Multicodec.TryGetCode(hash, out _hash))
        {
            throw new FaultException(Faults.UnknownName("hash function", hash));
        }

        if (version == 0 && (_codec != Multicodec.DagPb || _hash != MultihashCode.Sha256))
        {
            throw new FaultException(Faults.UnsupportedCidVersion(codec, $"version 0 with {codec} and {hash}."));
        }
    }

    /// <summary>The CID of data.</summary>
    /// <exception cref="FaultException">BlockTooLarge; InvalidMultihash: an identity CID holds less.</exception>
    public Cid Compute(ReadOnlySpan<byte> data)
    {
        Multihash hash = Multihash.Compute(_hash, data);
        Cid cid = _version == 0 ? Cid.CreateV0(hash) : Cid.CreateV1(_codec, hash);
        return BlockRule.Check(cid, data.Length) is { } refusal ? throw new FaultException(Faults.Refused(cid, refusal)) : cid;
    }
}

/// <summary>How large a block may be.</summary>
internal static class BlockLimits
{
    /// <summary>What every peer must take (Bitswap specification): 2 MiB.</summary>
    public const int Portable = 2 * 1024 * 1024;

    /// <summary>The most that any block may have; under a CID with a longer prefix it is a few bytes less.</summary>
    public const int Sendable = BlockRule.MaxBlockSize;
}
