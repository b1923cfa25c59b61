using Bitswap.Dag.UnixFs.Import.Abstractions;

namespace Bitswap.Completion;

/// <summary>Completes the names of import profiles.</summary>
public sealed class ProfileCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        UnixFsProfile.Names.Select(name =>
        {
            UnixFsProfile.TryGet(name, out UnixFsProfile? profile);
            return (name, $"CIDv{profile!.CidVersion}, {profile.Chunker}, {profile.FileLinks} links, {(profile.RawLeaves ? "raw" : "dag-pb")} leaves");
        });
}
