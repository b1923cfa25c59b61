using System.Collections.Concurrent;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>Short ways to import in tests.</summary>
internal static class Importing
{
    /// <summary><c>ipfs add --cid-version=1</c>.</summary>
    public static UnixFsProfile KuboCidV1 { get; } = UnixFsProfile.V0_2015 with { CidVersion = 1, RawLeaves = true };

    public static async Task<string> CidOf(string path, UnixFsProfile? profile = null) =>
        (await Run(path, new UnixFsImportOptions { Profile = profile ?? UnixFsProfile.V1_2025 })).Cid.ToString();

    public static async Task<string> CidOf(Stream stream, UnixFsProfile? profile = null)
    {
        using UnixFsImporter importer = new(new UnixFsImportOptions { Profile = profile ?? UnixFsProfile.V1_2025 }, null);
        return (await importer.ImportAsync(stream)).Cid.ToString();
    }

    public static async Task<UnixFsImport> Run(string path, UnixFsImportOptions options, BlockWriter? writer = null)
    {
        using UnixFsImporter importer = new(options, writer);
        return await importer.ImportAsync(path);
    }

    /// <summary>A writer that keeps the blocks.</summary>
    public static BlockWriter Into(ConcurrentDictionary<Cid, byte[]> blocks) => (cid, data, _) =>
    {
        blocks[cid] = data.ToArray();
        return ValueTask.CompletedTask;
    };
}
