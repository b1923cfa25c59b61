using System.Management.Automation;
using System.Text;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Shows a graph of blocks: as a tree in the terminal, or as Mermaid or DOT text for programs that draw. It looks at stored blocks alone,
/// and marks what is missing, unless -Fetch is given.
/// </summary>
[Cmdlet(VerbsCommon.Show, "BitswapDag")]
[OutputType(typeof(BitswapDagNode), typeof(string), typeof(FileInfo))]
public sealed class ShowBitswapDagCommand : NodeCmdlet
{
    private static readonly string[] _forms = ["Tree", "Mermaid", "Dot"];

    private readonly Dictionary<BitswapNode, DagView> _views = [];
    private readonly List<GraphSource> _sources = [];
    private readonly GraphText _text = new();
    private ProgressMeter? _progress;
    private PeerSelection? _only;
    private string? _file;
    private string _form = "";

    /// <summary>The roots: CIDs as text in any base, paths such as cid/a/b or /ipfs/cid/a/0, or objects that have a CID.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>How many links below a root are shown, 64 by default; 0 is the root alone.</summary>
    [Parameter]
    [ValidateRange(0, 1024)]
    public int Depth { get; set; } = 64;

    /// <summary>How many blocks are shown in all, 1000 by default.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int Limit { get; set; } = 1000;

    /// <summary>How many links of each block are shown, 32 by default.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int LinkLimit { get; set; } = 32;

    /// <summary>Tree for objects that are shown as one, which is the default; Mermaid or Dot for text.</summary>
    [Parameter]
    [ValidateSet("Tree", "Mermaid", "Dot")]
    public string? As { get; set; }

    /// <summary>Writes the text to this file. Without -As, .mmd and .mermaid give Mermaid, .dot and .gv give DOT, and others a plain tree.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>Asks peers for blocks that are not stored, which stores them.</summary>
    [Parameter]
    public SwitchParameter Fetch { get; set; }

    /// <summary>Fetches from these peers only, and tells no other peer.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>After how many seconds in which no block arrives those that are asked for are given up, 30 by default; 0 waits for ever.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 30;

    private protected override void Begin()
    {
        _file = OutFile is null ? null : GetUnresolvedProviderPathFromPSPath(OutFile);
        _form = As ?? Path.GetExtension(_file ?? "").ToLowerInvariant() switch
        {
            ".mmd" or ".mermaid" => "Mermaid",
            ".dot" or ".gv" => "Dot",
            _ => "Tree",
        };

        // the set's own spelling: what is typed may have another case
        _form = _forms.First(form => form.Equals(_form, StringComparison.OrdinalIgnoreCase));
        _only = Peer is null ? null : new PeerSelection(Peer);
        _progress = new ProgressMeter(this, "Reading blocks", TimeProvider.System) { WaitsFor = () => _sources.Select(source => source.WaitsFor()).FirstOrDefault(wait => wait is not null) };
    }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        if (!_views.TryGetValue(node, out DagView? view))
        {
            DagViewOptions options = new() { Depth = Depth, Limit = Limit, LinkLimit = LinkLimit };
            view = new DagView(OpenSource(node), options);
            _views.Add(node, view);
        }

        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolvePath(node, view.Source.Reader, argument, view.Source)), argument.ToString(), out Cid root))
            {
                Walk(view, root);
            }
        }
    }

    private protected override void End()
    {
        _progress?.Dispose();
        foreach (DagView view in _views.Values)
        {
            WriteVerbose($"{view.Shown} blocks shown, {view.Missing} missing.");
            if (view.IsCut)
            {
                WriteWarning($"Only the first {Limit} blocks are shown. Use -Limit to show more, or -Depth and -LinkLimit to show less of each branch.");
            }
        }

        if (_file is not null)
        {
            string text = _text.Write(_form);
            PipelineThread.Wait(Blocks.OutFile.WriteAsync(_file, Encoding.UTF8.GetBytes(text), StopToken));
            WriteObject(new FileInfo(_file));
        }
        else if (_form != "Tree")
        {
            WriteObject(_text.Write(_form));
        }
    }

    private protected override void Release()
    {
        _progress?.Dispose();
        foreach (GraphSource source in _sources)
        {
            PipelineThread.Dispose(source);
        }
    }

    private GraphSource OpenSource(BitswapNode node)
    {
        GraphSource source = Fetch || _only is not null
            ? GraphSource.Fetch(node, _only?.Resolve(node, StopToken), TimeLimit.From(TimeoutSeconds), tell: Story)
            : GraphSource.Local(node);
        _sources.Add(source);
        return source;
    }

    private void Walk(DagView view, Cid root)
    {
        // deeper blocks would come for nothing
        if (Depth > 1 && LinkLimit > 0)
        {
            view.Source.Expect(new GraphRange(root, GraphScope.All) { IsPartial = true });
        }

        bool objects = _form == "Tree" && _file is null;
        foreach (BitswapDagNode node in PipelineThread.Each(view.WalkAsync(root, StopToken), ProgressMeter.Glance, _progress!.Update, StopToken))
        {
            _progress.Add(node.BlockSize ?? 0);
            if (objects)
            {
                WriteObject(node);
            }
            else
            {
                _text.Add(node);
            }
        }
    }
}
