using System.Buffers;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// What a payload says of a block's CID: everything but the digest, which the receiver computes. On the wire it is four varints: version,
/// codec, hash function, digest length; of a CIDv0 they are <c>00 70 12 20</c>.
/// </summary>
internal readonly record struct CidPrefix(ulong Version, ulong Codec, ulong HashCode, ulong DigestLength)
{
    private const int Sha256Length = 32;

    /// <summary>CIDv0: dag-pb and SHA-256 by definition (CID specification).</summary>
    public static CidPrefix V0 { get; } = new(0, Multicodec.DagPb, MultihashCode.Sha256, Sha256Length);

    private static ReadOnlySpan<byte> V0Bytes => [0x00, 0x70, 0x12, 0x20];

    /// <summary>
    /// Reads a prefix. An empty one (py-libp2p) and <c>12 20</c> (beetswap) mean CIDv0 too: no CID version is 0x12, so neither can mean
    /// anything else. Bytes after the four varints are ignored, as boxo does.
    /// </summary>
    /// <exception cref="WireException">InvalidMessage: cut short, no minimal varint, or no CID there can be.</exception>
    public static CidPrefix Read(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source.SequenceEqual(V0Bytes[2..]))
        {
            return V0;
        }

        ulong version = ReadVarint(ref source);
        ulong codec = ReadVarint(ref source);
        ulong hashCode = ReadVarint(ref source);
        ulong digestLength = ReadVarint(ref source);
        if (version > 1 || (version == 0 && (hashCode != MultihashCode.Sha256 || digestLength != Sha256Length)))
        {
            throw new WireException(
                WireException.InvalidMessage,
                $"A block's prefix names no CID: version {version}, hash function 0x{hashCode:x}, {digestLength} bytes of digest.");
        }

        return new CidPrefix(version, codec, hashCode, digestLength);
    }

    /// <summary>The prefix of a CID as it is written. A CIDv1 begins with its own.</summary>
    public static ReadOnlySpan<byte> Of(Cid cid) => cid.Version == 0 ? V0Bytes : cid.Bytes[..^cid.Hash.Digest.Length];

    /// <summary>
    /// The CID of data under this prefix, or null when its hash function or digest length is not accepted: checked before anything is
    /// computed, so that no prefix makes hashing dear.
    /// </summary>
    public Cid? ComputeCid(ReadOnlySpan<byte> data)
    {
        if (!HashRules.TryCompute(HashCode, DigestLength, data, out Multihash hash))
        {
            return null;
        }

        return Version == 0 ? Cid.CreateV0(hash) : Cid.CreateV1(Codec, hash);
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> source)
    {
        if (Varint.TryRead(source, out ulong value, out int consumed) != OperationStatus.Done)
        {
            throw new WireException(WireException.InvalidMessage, "A block's prefix is cut short or holds a varint that is not minimal.");
        }

        source = source[consumed..];
        return value;
    }
}

/// <summary>Which hashes a received block's prefix may ask for.</summary>
internal static class HashRules
{
    private const ulong Sha256Length = 32;

    /// <summary>
    /// Hashes a block, or says false when <see cref="Multihash.IsAcceptable"/> does not take the function and length: asked before anything
    /// is computed. An identity digest has the length of its data, whatever the prefix says, as in boxo.
    /// </summary>
    public static bool TryCompute(ulong code, ulong digestLength, ReadOnlySpan<byte> data, out Multihash hash)
    {
        hash = default;
        if (code == MultihashCode.Sha256 && digestLength == Sha256Length)
        {
            hash = Multihash.Compute(code, data);
            return true;
        }

        ulong length = code == MultihashCode.Identity ? (ulong)data.Length : digestLength;
        if (length > (ulong)Multihash.MaxDigestLength)
        {
            return false;
        }

        ReadOnlySpan<byte> anyDigest = stackalloc byte[(int)length];
        if (!Multihash.IsAcceptable(Multihash.FromDigest(code, anyDigest), out _))
        {
            return false;
        }

        try
        {
            hash = Multihash.Compute(code, data, (int)length);
            return true;
        }
        catch (MultiformatException)
        {
            // A function that may name blocks but cannot be computed here: the block cannot be checked, so it is not taken.
            return false;
        }
    }
}
