using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>
/// Everything that decides which CID a file or folder gets (IPIP-499): two imports of the same content under equal profiles give the
/// same CID. Values are refused at construction when out of range, and together by <see cref="Validate"/>.
/// </summary>
public sealed record UnixFsProfile
{
    /// <summary>The most links a node of a file may have: what keeps a node of CIDv1 links within 2 MiB.</summary>
    public const int MaxFileLinks = 16 * 1024;

    /// <summary>Gets the profile <c>unixfs-v1-2025</c>, the default: CIDv1, chunks of 1 MiB as raw leaves, 1024 links a node.</summary>
    public static UnixFsProfile V1_2025 { get; } = new();

    /// <summary>Gets the profile <c>unixfs-v0-2015</c>, which is <c>ipfs add</c> without options: CIDv0, chunks of 256 KiB in dag-pb leaves, 174 links a
    /// node.</summary>
    public static UnixFsProfile V0_2015 { get; } = new()
    {
        Name = "unixfs-v0-2015",
        CidVersion = 0,
        Chunker = new SizeChunker(256 * 1024),
        RawLeaves = false,
        FileLinks = 174,
        DirectorySizeRule = DirectorySizeRule.LinksBytes,
    };

    /// <summary>Gets the names that <see cref="TryGet"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [V1_2025.Name, V0_2015.Name];

    /// <summary>Gets the profile this one is or was made from.</summary>
    public string Name { get; init; } = "unixfs-v1-2025";

    /// <summary>Gets the version of CIDs, 0 or 1. Raw leaves have CIDv1 also under 0.</summary>
    public int CidVersion
    {
        get;
        init => field = value is 0 or 1 ? value : throw OutOfRange(nameof(CidVersion), value, "0 or 1");
    } = 1;

    /// <summary>Gets the code of the hash function, sha2-256 by default; CIDv0 has no other.</summary>
    public ulong HashCode { get; init; } = MultihashCode.Sha256;

    /// <summary>Gets where files are cut; 1 MiB chunks by default.</summary>
    public Chunker Chunker
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new SizeChunker(1024 * 1024);

    /// <summary>Gets whether a leaf is the bytes of its chunk alone (true) or a dag-pb node around them.</summary>
    public bool RawLeaves { get; init; } = true;

    /// <summary>Gets the most links of a node of a file; 2 to <see cref="MaxFileLinks"/>, 1024 by default.</summary>
    public int FileLinks
    {
        get;
        init => field = value is >= 2 and <= MaxFileLinks ? value : throw OutOfRange(nameof(FileLinks), value, $"2 to {MaxFileLinks}");
    } = 1024;

    /// <summary>Gets how leaves are joined.</summary>
    public UnixFsLayout Layout
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw OutOfRange(nameof(Layout), value, "Balanced or Trickle");
    }

    /// <summary>Gets how the size of a directory is told.</summary>
    public DirectorySizeRule DirectorySizeRule
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw OutOfRange(nameof(DirectorySizeRule), value, "LinksBytes, BlockBytes or Unsharded");
    } = DirectorySizeRule.BlockBytes;

    /// <summary>Gets the bytes above which a directory is sharded; 1 byte to 1 MiB, 256 KiB by default.</summary>
    public int ShardingThreshold
    {
        get;
        init => field = value is >= 1 and <= 1024 * 1024 ? value : throw OutOfRange(nameof(ShardingThreshold), value, "1 to 1048576 bytes");
    } = 256 * 1024;

    /// <summary>Gets the slots of a shard: a power of two from 8 to 1024, 256 by default.</summary>
    public int ShardFanout
    {
        get;
        init => field = value is >= 8 and <= 1024 && BitOperations.IsPow2(value)
            ? value
            : throw OutOfRange(nameof(ShardFanout), value, "a power of two from 8 to 1024");
    } = 256;

    /// <summary>Gets the profile of a name, whatever its case.</summary>
    public static bool TryGet([NotNullWhen(true)] string? name, [NotNullWhen(true)] out UnixFsProfile? profile)
    {
        profile = string.Equals(name, V1_2025.Name, StringComparison.OrdinalIgnoreCase) ? V1_2025
            : string.Equals(name, V0_2015.Name, StringComparison.OrdinalIgnoreCase) ? V0_2015
            : null;
        return profile is not null;
    }

    /// <summary>Checks what no value can be told by itself.</summary>
    /// <exception cref="DagException">InvalidProfile: CIDv0 with another hash than sha2-256, or a hash that does not exist or is not taken by
    /// peers.</exception>
    public void Validate()
    {
        if (CidVersion == 0 && HashCode != MultihashCode.Sha256)
        {
            throw Invalid($"CIDv0 has no hash but sha2-256; for {Multicodec.Name(HashCode)} the CID version must be 1.");
        }

        Multihash sample;
        try
        {
            sample = Multihash.Compute(HashCode, default);
        }
        catch (MultiformatException error)
        {
            throw Invalid($"Nothing can be hashed with {Multicodec.Name(HashCode)}: {error.Message}");
        }

        if (HashCode == MultihashCode.Identity || !Multihash.IsAcceptable(sample, out _))
        {
            throw Invalid($"Blocks under the hash {Multicodec.Name(HashCode)} are taken by no peer.");
        }
    }

    private static DagException Invalid(string message) => new(DagErrorIds.InvalidProfile, message);

    private static ArgumentOutOfRangeException OutOfRange(string name, object value, string range) => new(name, value, $"{name} must be {range}.");
}

/// <summary>Specifies how the leaves of a file are joined to a tree.</summary>
public enum UnixFsLayout
{
    /// <summary>All leaves are equally deep: the usual one.</summary>
    Balanced,

    /// <summary>The first leaves hang from the root, later ones deeper and deeper: for what is read from its beginning.</summary>
    Trickle,
}

/// <summary>Specifies how the size of a directory is told, from which follows whether it is sharded (IPIP-499).</summary>
public enum DirectorySizeRule
{
    /// <summary>The bytes of the entries' names and CIDs, as the network has done since HAMTs came.</summary>
    LinksBytes,

    /// <summary>The bytes of the block it would be.</summary>
    BlockBytes,

    /// <summary>No size: no directory is sharded, however large its block.</summary>
    Unsharded,
}
