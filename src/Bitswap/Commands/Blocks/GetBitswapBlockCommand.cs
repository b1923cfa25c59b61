using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Fetches blocks: from the node's own store where they are there, else from peers. CIDs that are piped are one session; blocks are
/// given out as they come, which need not be the order they were asked in.
/// </summary>
[Cmdlet(VerbsCommon.Get, "BitswapBlock", DefaultParameterSetName = "Block")]
[OutputType(typeof(BitswapBlock), ParameterSetName = ["Block"])]
[OutputType(typeof(byte[]), ParameterSetName = ["Raw"])]
[OutputType(typeof(string), ParameterSetName = ["String"])]
[OutputType(typeof(FileInfo), ParameterSetName = ["File"])]
public sealed class GetBitswapBlockCommand : NodeCmdlet
{
    private BlockFetcher _fetcher = null!;
    private string? _file;
    private bool _folder;
    private bool _fileTaken;
    private PeerSelection? _only;

    /// <summary>What to fetch: CIDs as text in any base, paths such as cid/a/b or /ipfs/cid/a/0, or objects that have a CID.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[]? Cid { get; set; }

    /// <summary>Asks only these peers, and tells no other peer. Those given by address are dialled when they are not connected.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>How many seconds each block has, 30 by default; 0 waits for ever.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 30;

    /// <summary>Higher is asked for first, 1 by default.</summary>
    [Parameter]
    public int Priority { get; set; } = 1;

    /// <summary>How many blocks are under way at once, 64 by default. Bounds the memory taken.</summary>
    [Parameter]
    [ValidateRange(1, 65_536)]
    public int ThrottleLimit { get; set; } = 64;

    /// <summary>Gives each block's data as one byte[].</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Raw")]
    public SwitchParameter Raw { get; set; }

    /// <summary>Gives each block's data as UTF-8 text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "String")]
    public SwitchParameter AsString { get; set; }

    /// <summary>Writes the block to a file; or each block to a file named by its CID, when this is a folder that exists.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "File")]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>Asks no peer: gives what the node has stored. Without -Cid it lists that.</summary>
    [Parameter]
    public SwitchParameter Local { get; set; }

    /// <summary>
    /// Fetches from the public network of IPFS by a node that is started for this call and stopped after it: no running node is needed or used. See -Public of Start-BitswapNode for who is
    /// asked, and so learns what is looked for.
    /// </summary>
    [Parameter]
    public SwitchParameter Public { get; set; }

    /// <summary>
    /// Fetches from these trustless gateways, such as https://gateway.example, by a node that is started for this call and stopped after it. With -Public they are asked besides the
    /// public network. Every block is verified.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public Uri[]? Gateway { get; set; }

    private protected override TimeSpan? NameLimit => TimeLimit.From(TimeoutSeconds);

    private protected override bool MayAskForNames => !Local;

    private protected override bool DialsHints => !Local && Peer is null;

    private protected override NodeOptions? CallOptions => CallOptionsOf(Public, Gateway, Local);

    private protected override void Begin()
    {
        if (OutFile is not null)
        {
            _file = GetUnresolvedProviderPathFromPSPath(OutFile);
            _folder = Directory.Exists(_file);
        }

        _only = Peer is null ? null : new PeerSelection(Peer);
        FetchOptions options = new()
        {
            Local = Local,
            Priority = Priority,
            Timeout = TimeLimit.From(TimeoutSeconds),
            ThrottleLimit = ThrottleLimit,
            Tell = IsVerbose,
            Output = Raw ? FetchOutput.Bytes : AsString ? FetchOutput.Text : FetchOutput.Block,
        };
        _fetcher = new BlockFetcher(this, options, TimeProvider.System, StopToken);
    }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        if (Cid is null)
        {
            if (!Local || MyInvocation.ExpectingInput)
            {
                throw new FaultException(Faults.CidRequired());
            }

            List(node);
            return;
        }

        IReadOnlyList<PeerId>? only = _only?.Resolve(node, StopToken);
        foreach (CidArgument argument in Filled(Cid))
        {
            try
            {
                _fetcher.Fetch(node, PathOf(node, argument), only, FileOf());
            }
            catch (Exception bad) when (FaultMap.TryMap(bad, argument.ToString(), out Fault? fault))
            {
                WriteError(fault.ToErrorRecord());
            }
        }
    }

    private protected override void End() => _fetcher.Complete();

    private protected override void Release()
    {
        _fetcher?.Dispose();
        base.Release();
    }

    // the file of a block; null gives the block out
    private Func<Cid, string>? FileOf()
    {
        if (_file is null || _folder)
        {
            return _file is null ? null : cid => Path.Combine(_file, cid.ToString());
        }

        if (_fileTaken)
        {
            throw new FaultException(Faults.OutFileTaken(_file));
        }

        _fileTaken = true;
        return _ => _file;
    }

    private void List(BitswapNode node)
    {
        foreach (StoredBlock block in PipelineThread.Each(node.Host.Blocks.ListAsync(StopToken), StopToken))
        {
            WriteObject(new BitswapBlock(block.Cid, block.Size, null, null, node));
        }
    }
}
