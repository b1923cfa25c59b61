using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Node;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that reads files and directories: from what is stored, and else from peers, with one session a node.</summary>
public abstract class ContentCmdlet : FetchCmdlet
{
    private readonly Dictionary<BitswapNode, GraphSource> _sources = [];

    private protected ContentCmdlet()
    {
    }

    /// <summary>What to read: cid, cid/a/b, /ipfs/cid/a/b or ipfs://cid/a/b, or objects that have a CID.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[] Cid { get; set; } = null!;

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

    /// <summary>What was given for the thing that is read.</summary>
    private protected CidArgument Current { get; private set; } = null!;

    /// <summary>One of the things to read. What is wrong with it is an error of its own, and the next goes on.</summary>
    /// <param name="source">Where the blocks come from.</param>
    /// <param name="reader">Reads files and directories from there.</param>
    /// <param name="path">What to read.</param>
    private protected abstract void Read(GraphSource source, UnixFsReader reader, ContentPath path);

    private protected override NodeOptions? CallOptions => CallOptionsOf(Public, Gateway, Local);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        GraphSource source = SourceOf(node);
        UnixFsReader reader = new(source.Reader);
        foreach (CidArgument argument in Filled(Cid))
        {
            try
            {
                Current = argument;
                Read(source, reader, PathOf(node, argument));
            }
            catch (Exception exception) when (FaultMap.TryMap(exception, argument.ToString(), out Fault? fault))
            {
                WriteError(fault.ToErrorRecord());
            }
        }
    }

    private protected override void Release()
    {
        foreach (GraphSource source in _sources.Values)
        {
            PipelineThread.Dispose(source);
        }

        base.Release();
    }

    private GraphSource SourceOf(BitswapNode node)
    {
        if (!_sources.TryGetValue(node, out GraphSource? source))
        {
            source = OpenSource(node);
            _sources.Add(node, source);
        }

        return source;
    }
}
