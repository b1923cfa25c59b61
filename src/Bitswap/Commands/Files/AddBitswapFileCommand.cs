using System.Globalization;
using System.Management.Automation;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Errors;
using Bitswap.Files;
using Bitswap.Node.Content;
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
    private BitswapNode? _pipedTo;
    private PipedBytes? _piped;

    /// <summary>Files and folders; wildcards are allowed. - is the standard input of the process.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [SupportsWildcards]
    [AllowEmptyCollection]
    public string[] Path { get; set; } = [];

    /// <summary>Files and folders, their names taken as they are written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Bytes, which make one file: piped one by one or in pieces, they belong to the same.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Byte")]
    [AllowEmptyCollection]
    public byte[] InputByte { get; set; } = [];

    /// <summary>A stream, which makes one file: what is in it from where it stands. It stays open.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Stream")]
    public Stream InputStream { get; set; } = null!;

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
        switch (ParameterSetName)
        {
            case "Byte":
                Collect(node);
                break;
            case "Stream":
                Try(() => Add(node, InputStream, Name ?? NameOf(InputStream), InputStream));
                break;
            case "Path" when Path.Length == 0:
                // PowerShell takes an empty array that is piped, of bytes or not, for a list of paths
                WriteError(Faults.NothingToAdd().ToErrorRecord());
                break;
            case "Path" when Path is ["-"]:
                Try(() => AddStandardInput(node));
                break;
            default:
                bool wildcards = ParameterSetName == "Path";
                foreach (string path in FilePaths.ResolveEntries(this, wildcards ? Path : LiteralPath, wildcards))
                {
                    Try(() => Add(node, path));
                }

                break;
        }
    }

    private protected override void End()
    {
        if (_piped is { } piped)
        {
            piped.Complete();
            Try(() => Give(_pipedTo!, Name ?? "", null, ImportRun.Wait(this, "Adding what is piped", piped.Import.Progress, _ => piped.Result, StopToken)));
        }

        foreach ((BitswapNode node, List<KeyValuePair<string, UnixFsImport>> entries) in _wrapped)
        {
            NodeImport import = ImportOf(node);
            UnixFsImport directory = ImportRun.Wait(this, "Wrapping", import.Progress, token => import.WrapAsync(entries, token), StopToken);
            node.Host.NoteRoot(directory.Cid);
            WriteObject(new BitswapAddedFile(
                directory.Cid, "", null, directory.Type.ToString(), directory.Size, (long)directory.DagSize, node));
        }
    }

    private protected override void Release()
    {
        _piped?.Complete();
        foreach (NodeImport import in _piped is null ? _imports.Values : _imports.Values.Append(_piped.Import))
        {
            Task end = import.DisposeAsync().AsTask();
            if (import.IsIdle)
            {
                // what has not ended by then frees what it holds when it does: a disk that flushes, or a store that does not return
                _ = PipelineThread.Wait(end, PipelineThread.StopTime);
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

        NodeImport import = ImportOf(node);
        string name = Name ?? System.IO.Path.GetFileName(full);
        long started = TimeProvider.System.GetTimestamp();
        UnixFsImport added = ImportRun.Wait(this, $"Adding {name}", import.Progress, token => import.AddAsync(full, token), StopToken);
        WriteVerbose(Describe(full, added.Size, TimeProvider.System.GetElapsedTime(started)));
        Give(node, name, full, added);
    }

    private void Add(BitswapNode node, Stream stream, string name, object target)
    {
        if (!ShouldProcess(name.Length > 0 ? name : "A stream", $"Add to node '{node.Name}'"))
        {
            return;
        }

        NodeImport import = ImportOf(node);
        try
        {
            Give(node, name, null, ImportRun.Wait(this, name.Length > 0 ? $"Adding {name}" : "Adding a stream", import.Progress, token => import.AddAsync(stream, token), StopToken));
        }
        catch (Exception cause) when (cause is IOException or NotSupportedException or ObjectDisposedException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.ReadFailed(target, cause));
        }
    }

    // the standard input of a host that is not the console may be what it talks to another process with
    private void AddStandardInput(BitswapNode node)
    {
        if (Host?.Name != "ConsoleHost" || !Console.IsInputRedirected)
        {
            throw new FaultException(Faults.NoStandardInput());
        }

        using Stream input = Console.OpenStandardInput();
        Add(node, input, Name ?? "", "The standard input");
    }

    private void Collect(BitswapNode node)
    {
        if (_pipedTo is null)
        {
            _pipedTo = node;
            if (ShouldProcess(Name ?? "The bytes that are piped", $"Add to node '{node.Name}'"))
            {
                _piped = new PipedBytes(node.Host.BeginImport(_options), StopToken);
            }
        }

        _piped?.Add(InputByte, StopToken);
    }

    private NodeImport ImportOf(BitswapNode node)
    {
        if (!_imports.TryGetValue(node, out NodeImport? import))
        {
            import = node.Host.BeginImport(_options);
            _imports.Add(node, import);
        }

        return import;
    }

    // what has no name is an entry by its CID, as in ipfs add
    private void Give(BitswapNode node, string name, string? full, UnixFsImport added)
    {
        if (Wrap)
        {
            if (!_wrapped.TryGetValue(node, out List<KeyValuePair<string, UnixFsImport>>? entries))
            {
                _wrapped.Add(node, entries = []);
            }

            entries.Add(new(name.Length > 0 ? name : added.Cid.ToString(), added));
            return;
        }

        node.Host.NoteRoot(added.Cid);
        WriteObject(new BitswapAddedFile(added.Cid, name, full, added.Type.ToString(), added.Size, (long)added.DagSize, node));
    }

    private void Try(Action step)
    {
        try
        {
            step();
        }
        catch (FaultException bad)
        {
            WriteError(bad.Fault.ToErrorRecord());
        }
    }

    private static string NameOf(Stream stream) => stream is FileStream file ? System.IO.Path.GetFileName(file.Name) : "";

    private static string Describe(string path, long size, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}: {ByteSize.Format(size)} in {time.TotalSeconds:0.00} s.");

    private bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
