using System.Numerics;
using System.Text.Json;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>Asks @helia/unixfs of npm (tests/interop/import.mjs) for the CIDs of files and folders, all in one process.</summary>
internal sealed class ImportOracle
{
    private readonly List<object> _cases = [];
    private readonly List<(string What, string Cid)> _ours = [];

    /// <summary>The CIDs made here.</summary>
    public IEnumerable<string> Cids => _ours.Select(import => import.Cid);

    /// <summary>Imports something here, and remembers to ask there.</summary>
    public async Task AddAsync(string path, UnixFsImportOptions options)
    {
        UnixFsProfile profile = options.Profile;
        _cases.Add(new
        {
            path,
            chunkSize = profile.Chunker.MaxSize,
            layout = profile.Layout.ToString(),
            links = profile.FileLinks,
            // ipfs-unixfs-importer wraps a lone leaf that is no raw one twice when it has a mode or a time; a raw one it wraps once, as Kubo does
            rawLeaves = profile.RawLeaves || options.PreserveMode,
            cidVersion = profile.CidVersion,
            rule = profile.DirectorySizeRule.ToString(),
            threshold = profile.ShardingThreshold,
            fanoutBits = BitOperations.Log2((uint)profile.ShardFanout),
            preserve = options.PreserveMode,
        });
        UnixFsImport import = await Importing.Run(path, options);
        _ours.Add(($"{path} under {profile}", import.Cid.ToString()));
    }

    /// <summary>Compares, or skips with the reason where there is no Node.js.</summary>
    public async Task CompareAsync()
    {
        string[] theirs = (await InteropScript.RunAsync("import.mjs", [], _cases)).Deserialize<string[]>()!;
        Assert.Equal(_ours.Count, theirs.Length);
        string[] wrong = [.. _ours.Zip(theirs).Where(pair => pair.First.Cid != pair.Second).Select(pair => $"{pair.Second} expected, {pair.First.Cid} made of {pair.First.What}")];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {theirs.Length} differ, the first: {wrong.FirstOrDefault()}");
    }
}
