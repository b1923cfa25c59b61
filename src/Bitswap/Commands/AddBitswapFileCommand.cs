using System.Globalization;
using System.Management.Automation;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Errors;
using Bitswap.Files;
using Bitswap.Node.Files;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Stores files and folders in a node, which serves them from then on, and gives the CIDs that <c>ipfs add</c> gives under the same profile. What was
/// given is on the node's disk; an add that is stopped leaves whole blocks without their root.
/// </summary>
[Cmdlet(VerbsCommon.Add, "BitswapFile", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapAddedFile))]
public sealed class AddBitswapFileCommand : NodeCmdlet
{
    private readonly Dictionary<BitswapNode, NodeImport> _imports = [];
    private readonly Dictionary<BitswapNode, List<KeyValuePair<string, UnixFsImport>>> _wrapped = [];
    private UnixFsImportOptions _options = null!;

    /// <summary>Files and folders; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files and folders, their names taken as they are written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Adds folders, with all that is in them.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>What decides the CIDs: unixfs-v1-2025 by default, or unixfs-v0-2015, which is ipfs add without options.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>Where files are cut, instead of the profile's way: size-bytes, rabin, rabin-average, rabin-least-average-most or buzhash.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ChunkerCompleter))]
    public string? Chunker { get; set; }

    /// <summary>The bytes of a chunk, 1 to 2096896: short for -Chunker size-bytes.</summary>
    [Parameter]
    public int ChunkSize { get; set; }

    /// <summary>Leaves are the bytes of their chunks alone. -RawLeaves:$false puts each into a dag-pb node.</summary>
    [Parameter]
    public SwitchParameter RawLeaves { get; set; }

    /// <summary>The version of the CIDs. 1 brings raw leaves, unless -RawLeaves says otherwise.</summary>
    [Parameter]
    [ValidateRange(0, 1)]
    public int CidVersion { get; set; }

    /// <summary>The hash function, sha2-256 by default. Another brings CID version 1.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(HashCompleter))]
    public string? HashAlgorithm { get; set; }

    /// <summary>How leaves are joined: Balanced, or Trickle for what is read from its beginning.</summary>
    [Parameter]
    [ValidateSet("Balanced", "Trickle")]
    public string? Layout { get; set; }

    /// <summary>The most links of a node of a file, 2 to 16384.</summary>
    [Parameter]
    public int MaxLinks { get; set; }

    /// <summary>A folder of more bytes is sharded: 1 to 1048576.</summary>
    [Parameter]
    public int ShardingThreshold { get; set; }

    /// <summary>How the bytes of a folder are counted: LinksBytes, BlockBytes, or Unsharded for no sharding at all.</summary>
    [Parameter]
    [ValidateSet("LinksBytes", "BlockBytes", "Unsharded")]
    public string? ShardingRule { get; set; }

    /// <summary>The slots of a shard: a power of two from 8 to 1024.</summary>
    [Parameter]
    public int ShardFanout { get; set; }

    /// <summary>What is done with symbolic links: Keep (the default), Follow or Skip.</summary>
    [Parameter]
    [ValidateSet("Keep", "Follow", "Skip")]
    public string? Symlink { get; set; }

    /// <summary>Puts all into one directory under their names, and gives that directory alone.</summary>
    [Parameter]
    public SwitchParameter Wrap { get; set; }

    /// <summary>The name to give and to wrap under, instead of the file's own; for one path.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Takes hidden files and folders within folders too. One that is named itself is always taken.</summary>
    [Parameter]
    public SwitchParameter Hidden { get; set; }

    /// <summary>Leaves out folders in which nothing is.</summary>
    [Parameter]
    public SwitchParameter SkipEmptyFolder { get; set; }

    /// <summary>Keeps the POSIX permissions. Turns raw leaves off.</summary>
    [Parameter]
    public SwitchParameter PreserveMode { get; set; }

    /// <summary>Keeps the times of last change. Turns raw leaves off.</summary>
    [Parameter]
    public SwitchParameter PreserveTime { get; set; }

    private protected override void Begin() => _options = new ImportSettings
    {
        Profile = Profile,
        Chunker = Chunker,
        ChunkSize = Given(nameof(ChunkSize)) ? ChunkSize : null,
        RawLeaves = Given(nameof(RawLeaves)) ? RawLeaves.IsPresent : null,
        CidVersion = Given(nameof(CidVersion)) ? CidVersion : null,
        HashAlgorithm = HashAlgorithm,
        Layout = Layout,
        MaxLinks = Given(nameof(MaxLinks)) ? MaxLinks : null,
        ShardingThreshold = Given(nameof(ShardingThreshold)) ? ShardingThreshold : null,
        ShardingRule = ShardingRule,
        ShardFanout = Given(nameof(ShardFanout)) ? ShardFanout : null,
        Symlink = Symlink,
        Hidden = Hidden,
        SkipEmptyFolder = SkipEmptyFolder,
        PreserveMode = PreserveMode,
        PreserveTime = PreserveTime,
    }.ToOptions();

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        bool wildcards = ParameterSetName == "Path";
        foreach (string path in FilePaths.ResolveEntries(this, wildcards ? Path : LiteralPath, wildcards))
        {
            try
            {
                Add(node, path);
            }
            catch (FaultException bad)
            {
                WriteError(bad.Fault.ToErrorRecord());
            }
        }
    }

    private protected override void End()
    {
        foreach ((BitswapNode node, List<KeyValuePair<string, UnixFsImport>> entries) in _wrapped)
        {
            NodeImport import = _imports[node];
            UnixFsImport directory = ImportRun.Wait(this, "Wrapping", import.Progress, token => import.WrapAsync(entries, token), StopToken);
            WriteObject(new BitswapAddedFile(
                directory.Cid, "", null, directory.Type.ToString(), directory.Size, (long)directory.DagSize, node));
        }
    }

    private protected override void Release()
    {
        foreach (NodeImport import in _imports.Values)
        {
            Task end = import.DisposeAsync().AsTask();
            if (import.IsIdle)
            {
                // what has not ended by then frees what it holds when it does: a disk that flushes, or a store that does not return
                _ = PipelineThread.Wait(end, ImportRun.Patience);
            }
        }

        _imports.Clear();
    }

    private void Add(BitswapNode node, string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(path);
        if (Directory.Exists(full) && !Recurse && new DirectoryInfo(full).LinkTarget is null)
        {
            throw new FaultException(Faults.FolderNeedsRecurse(full));
        }

        if (!ShouldProcess(full, $"Add to node '{node.Name}'"))
        {
            return;
        }

        if (!_imports.TryGetValue(node, out NodeImport? import))
        {
            import = node.Host.BeginImport(_options);
            _imports.Add(node, import);
        }

        string name = Name ?? System.IO.Path.GetFileName(full);
        long started = TimeProvider.System.GetTimestamp();
        UnixFsImport added = ImportRun.Wait(this, $"Adding {name}", import.Progress, token => import.AddAsync(full, token), StopToken);
        WriteVerbose(Describe(full, added.Size, TimeProvider.System.GetElapsedTime(started)));
        if (Wrap)
        {
            if (!_wrapped.TryGetValue(node, out List<KeyValuePair<string, UnixFsImport>>? entries))
            {
                _wrapped.Add(node, entries = []);
            }

            entries.Add(new(name, added));
            return;
        }

        WriteObject(new BitswapAddedFile(added.Cid, name, full, added.Type.ToString(), added.Size, (long)added.DagSize, node));
    }

    private static string Describe(string path, long size, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}: {ByteSize.Format(size)} in {time.TotalSeconds:0.00} s.");

    private bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
