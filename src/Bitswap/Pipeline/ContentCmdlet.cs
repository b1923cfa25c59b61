using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Node.Files;
using Bitswap.Nodes;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that reads files and directories: from what is stored, and else from peers, with one session a node.</summary>
public abstract class ContentCmdlet : NodeCmdlet
{
    private readonly Dictionary<BitswapNode, UnixFsReader> _readers = [];
    private readonly List<FetchSession> _sessions = [];
    private PeerChoice? _only;

    private protected ContentCmdlet()
    {
    }

    /// <summary>What to read: cid, cid/a/b, /ipfs/cid/a/b or ipfs://cid/a/b, or objects that have a CID.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public ContentArgument[] Cid { get; set; } = null!;

    /// <summary>Asks only these peers, and tells nobody else. Those given by address are dialled when they are not connected.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>After how many seconds in which no block arrives it is given up, 30 by default; 0 waits for ever. As long as blocks come, it may take any time.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    public double TimeoutSeconds { get; set; } = 30;

    /// <summary>Asks nobody: reads what the node has stored.</summary>
    [Parameter]
    public SwitchParameter Local { get; set; }

    /// <summary>One of the things to read. What is wrong with it is an error of its own, and the next goes on.</summary>
    private protected abstract void Read(BitswapNode node, UnixFsReader reader, ContentPath path);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        UnixFsReader reader = ReaderOf(node);
        foreach (ContentArgument argument in Cid)
        {
            try
            {
                Read(node, reader, argument.Resolve());
            }
            catch (Exception exception) when (FaultMap.TryMap(exception, argument.ToString(), out Fault? fault))
            {
                WriteError(fault.ToErrorRecord());
            }
        }
    }

    private protected override void Release()
    {
        foreach (FetchSession session in _sessions)
        {
            PipelineThread.Wait(session.DisposeAsync().AsTask());
        }
    }

    private UnixFsReader ReaderOf(BitswapNode node)
    {
        if (_readers.TryGetValue(node, out UnixFsReader? known))
        {
            return known;
        }

        UnixFsReader reader;
        if (Local)
        {
            reader = new UnixFsReader(NodeBlocks.Local(node.Host));
        }
        else
        {
            _only ??= Peer is null ? null : new PeerChoice(Peer);
            FetchSession session = new(node.Host, new FetchSessionOptions { OnlyPeers = _only?.Resolve(node, StopToken), Silence = TimeLimit.From(TimeoutSeconds) });
            _sessions.Add(session);
            reader = new UnixFsReader(session.Reader);
        }

        _readers.Add(node, reader);
        return reader;
    }
}
