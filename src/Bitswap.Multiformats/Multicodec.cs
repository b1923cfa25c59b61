using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Hashing;

namespace Bitswap.Multiformats;

/// <summary>Names and codes of block codecs and hash functions, from the multicodec table (github.com/multiformats/multicodec).</summary>
public static class Multicodec
{
    /// <summary>CBOR.</summary>
    public const ulong Cbor = 0x51;

    /// <summary>Raw bytes.</summary>
    public const ulong Raw = 0x55;

    /// <summary>MerkleDAG protobuf.</summary>
    public const ulong DagPb = 0x70;

    /// <summary>MerkleDAG CBOR.</summary>
    public const ulong DagCbor = 0x71;

    /// <summary>A libp2p public key; the codec of a peer id written as a CID.</summary>
    public const ulong Libp2pKey = 0x72;

    /// <summary>A git object.</summary>
    public const ulong GitRaw = 0x78;

    /// <summary>MerkleDAG JOSE.</summary>
    public const ulong DagJose = 0x85;

    /// <summary>MerkleDAG JSON.</summary>
    public const ulong DagJson = 0x0129;

    /// <summary>JSON.</summary>
    public const ulong Json = 0x0200;

    private static readonly (string Name, ulong Code)[] _codecs =
    [
        ("cbor", Cbor),
        ("raw", Raw),
        ("rlp", 0x60),
        ("bencode", 0x63),
        ("dag-pb", DagPb),
        ("dag-cbor", DagCbor),
        ("libp2p-key", Libp2pKey),
        ("git-raw", GitRaw),
        ("torrent-info", 0x7b),
        ("torrent-file", 0x7c),
        ("dag-jose", DagJose),
        ("dag-cose", 0x86),
        ("eth-block", 0x90),
        ("eth-block-list", 0x91),
        ("eth-tx-trie", 0x92),
        ("eth-tx", 0x93),
        ("eth-tx-receipt-trie", 0x94),
        ("eth-tx-receipt", 0x95),
        ("eth-state-trie", 0x96),
        ("eth-account-snapshot", 0x97),
        ("eth-storage-trie", 0x98),
        ("bitcoin-block", 0xb0),
        ("bitcoin-tx", 0xb1),
        ("bitcoin-witness-commitment", 0xb2),
        ("zcash-block", 0xc0),
        ("zcash-tx", 0xc1),
        ("stellar-block", 0xd0),
        ("stellar-tx", 0xd1),
        ("decred-block", 0xe0),
        ("decred-tx", 0xe1),
        ("dash-block", 0xf0),
        ("dash-tx", 0xf1),
        ("dag-json", DagJson),
        ("json", Json),
        ("car", 0x0202),
        ("ipns-record", 0x0300),
    ];

    private static readonly (string Name, ulong Code)[] _hashes =
    [
        ("identity", MultihashCode.Identity),
        ("sha1", MultihashCode.Sha1),
        ("sha2-256", MultihashCode.Sha256),
        ("sha2-512", MultihashCode.Sha512),
        ("sha3-512", MultihashCode.Sha3_512),
        ("sha3-384", MultihashCode.Sha3_384),
        ("sha3-256", MultihashCode.Sha3_256),
        ("sha3-224", MultihashCode.Sha3_224),
        ("shake-256", MultihashCode.Shake256),
        ("keccak-224", MultihashCode.Keccak224),
        ("keccak-256", MultihashCode.Keccak256),
        ("keccak-384", MultihashCode.Keccak384),
        ("keccak-512", MultihashCode.Keccak512),
        ("blake3", MultihashCode.Blake3),
        ("dbl-sha2-256", MultihashCode.DblSha256),
        .. Enumerable.Range(1, 64).Select(n => ($"blake2b-{n * 8}", MultihashCode.Blake2b_8 + (ulong)n - 1)),
        .. Enumerable.Range(1, 32).Select(n => ($"blake2s-{n * 8}", MultihashCode.Blake2s_8 + (ulong)n - 1)),
    ];

    private static readonly FrozenDictionary<ulong, string> _names =
        _codecs.Concat(_hashes).ToFrozenDictionary(entry => entry.Code, entry => entry.Name);

    private static readonly FrozenDictionary<string, ulong> _codes =
        _codecs.Concat(_hashes).ToFrozenDictionary(entry => entry.Name, entry => entry.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the names of the codecs known here, in the order of their codes.</summary>
    public static IReadOnlyList<string> CodecNames { get; } = Array.AsReadOnly(Array.ConvertAll(_codecs, entry => entry.Name));

    /// <summary>
    /// Gets the names of the hash functions that blocks may be hashed with: those that <see cref="Multihash.IsAcceptable"/> takes
    /// with a digest of their full length.
    /// </summary>
    public static IReadOnlyList<string> HashNames { get; } =
        Array.AsReadOnly([.. from entry in _hashes where HashFunctions.IsAllowed(entry.Code) select entry.Name]);

    /// <summary>Returns the name of a codec or hash function, or its code in hexadecimal (<c>0x1234</c>) when it is not known here.</summary>
    public static string Name(ulong code) =>
        _names.TryGetValue(code, out string? name) ? name : string.Create(CultureInfo.InvariantCulture, $"0x{code:x}");

    /// <summary>Gets the code of a name, in any case, or of a code in hexadecimal as <see cref="Name"/> writes it.</summary>
    public static bool TryGetCode([NotNullWhen(true)] string? name, out ulong code)
    {
        code = 0;
        if (name is null)
        {
            return false;
        }

        if (name.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(name.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code)
                && code <= Varint.MaxValue;
        }

        return _codes.TryGetValue(name, out code);
    }
}
