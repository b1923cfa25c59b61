using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Files;

/// <summary>What a user said of an import; what is null was not said. What is left unsaid follows from the rest as in <c>ipfs add</c>.</summary>
internal sealed record ImportSettings
{
    public string? Profile { get; init; }

    public string? Chunker { get; init; }

    public int? ChunkSize { get; init; }

    public bool? RawLeaves { get; init; }

    public int? CidVersion { get; init; }

    public string? HashAlgorithm { get; init; }

    public string? Layout { get; init; }

    public int? MaxLinks { get; init; }

    public int? ShardingThreshold { get; init; }

    public string? ShardingRule { get; init; }

    public int? ShardFanout { get; init; }

    public string? Symlink { get; init; }

    public bool Hidden { get; init; }

    public bool SkipEmptyFolder { get; init; }

    public bool PreserveMode { get; init; }

    public bool PreserveTime { get; init; }

    /// <summary>The options that these settings make.</summary>
    /// <exception cref="FaultException">UnknownName, InvalidOption, InvalidChunker or InvalidProfile.</exception>
    public UnixFsImportOptions ToOptions() => ImportFaults.Guard(() =>
    {
        if (!UnixFsProfile.TryGet(Profile ?? UnixFsProfile.V1_2025.Name, out UnixFsProfile? profile))
        {
            throw new FaultException(Faults.UnknownName("profile", Profile!));
        }

        ulong hash = HashOf(HashAlgorithm) ?? profile.HashCode;

        // CIDv0 is for sha2-256 alone, and CIDv1 brings raw leaves, unless it is told otherwise; a mode or a time needs leaves that are not raw
        int version = CidVersion ?? (hash == MultihashCode.Sha256 ? profile.CidVersion : 1);
        bool raw = RawLeaves ?? (!PreserveMode && !PreserveTime && (profile.RawLeaves || version == 1));
        UnixFsImportOptions options = new()
        {
            Profile = profile with
            {
                CidVersion = version,
                HashCode = hash,
                RawLeaves = raw,
                Chunker = Chunker is not null ? Dag.UnixFs.Import.Chunking.Chunker.Parse(Chunker)
                    : ChunkSize is { } size ? new SizeChunker(size)
                    : profile.Chunker,
                FileLinks = MaxLinks ?? profile.FileLinks,
                Layout = Layout is null ? profile.Layout : Enum.Parse<UnixFsLayout>(Layout, ignoreCase: true),
                ShardingThreshold = ShardingThreshold ?? profile.ShardingThreshold,
                DirectorySizeRule = ShardingRule is null ? profile.DirectorySizeRule : Enum.Parse<DirectorySizeRule>(ShardingRule, ignoreCase: true),
                ShardFanout = ShardFanout ?? profile.ShardFanout,
            },
            Symlinks = Symlink is null ? SymlinkRule.Keep : Enum.Parse<SymlinkRule>(Symlink, ignoreCase: true),
            Hidden = Hidden,
            EmptyDirectories = !SkipEmptyFolder,
            PreserveMode = PreserveMode,
            PreserveTime = PreserveTime,
        };
        options.Validate();
        return options;
    });

    private static ulong? HashOf(string? name)
    {
        if (name is null)
        {
            return null;
        }

        return Multicodec.HashNames.Contains(name, StringComparer.OrdinalIgnoreCase) && Multicodec.TryGetCode(name, out ulong code)
            ? code
            : throw new FaultException(Faults.UnknownName("hash function", name));
    }
}
