using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node.Observability;
using Bitswap.Node.Tracing;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Records every message of a node, and its peers and wants, until Stop-BitswapTrace or the end of the node: as JSON lines to a file, or in
/// memory. Several traces may run at once. A trace that cannot keep up loses records and says where; the node never waits for it.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "BitswapTrace", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapTrace))]
public sealed class StartBitswapTraceCommand : NodeListCmdlet
{
    private BitswapNode? _tracedToFile;

    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>The file, such as node.jsonl. Without it the records are kept in memory, and Stop-BitswapTrace gives them.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Only what goes to and comes from these peers.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>Also records when each message was taken by its stream, and when each received block was stored.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>How many records a trace in memory keeps, 100000 by default; later ones are counted and dropped.</summary>
    [Parameter]
    [ValidateRange(1, 16_777_216)]
    public int MaxRecords { get; set; } = new TraceOptions().MaxRecords;

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process(BitswapNode node)
    {
        if (Path is not null && _tracedToFile is { } other && other != node)
        {
            throw new FaultException(Faults.TraceFileTaken(Path));
        }

        string? path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(path ?? node.Name, "Start trace"))
        {
            return;
        }

        _tracedToFile = node;

        TraceOptions options = new()
        {
            Path = path,
            Overwrite = Force,
            Peers = Peer is null ? null : [.. Peer.Select(argument => argument.Resolve())],
            MaxRecords = MaxRecords,
        };
        if (Detailed)
        {
            options = options with { Kinds = ObservationKinds.All };
        }

        if (TryAwait(_ => ValueTask.FromResult(node.StartTrace(options)), (object?)path ?? node, out BitswapTrace trace))
        {
            WriteObject(trace);
        }
    }
}
