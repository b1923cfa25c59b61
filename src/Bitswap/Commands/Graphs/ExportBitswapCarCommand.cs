using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.Walk;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Writes graphs to a CAR of version 1: the roots in the order in which they are given, and their blocks depth first in the order of the links,
/// each once. The same roots make the same bytes. Blocks that are not stored are fetched.
/// </summary>
[Cmdlet(VerbsData.Export, "BitswapCar", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapCar))]
public sealed class ExportBitswapCarCommand : FetchCmdlet
{
    private readonly List<CidArgument> _arguments = [];
    private BitswapNode? _node;

    /// <summary>The roots: CIDs as text in any base, paths such as cid/a/b or /ipfs/cid/a/0, or objects that have a CID. All go into one CAR.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>The file to write. It is there whole, or not at all.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("OutFile")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsPassing => true;

    private protected override void Process()
    {
        _node ??= ResolveNode();
        foreach (CidArgument argument in Filled(Cid))
        {
            // what is no CID is told before anything is written
            if (argument.ReadName() is null)
            {
                argument.ResolvePath();
            }

            _arguments.Add(argument);
        }
    }

    private protected override void End()
    {
        if (_node is not { } node || _arguments.Count == 0)
        {
            return;
        }

        string path = GetUnresolvedProviderPathFromPSPath(Path);
        if (File.Exists(path) && !Force)
        {
            throw new FaultException(Faults.CarExists(path));
        }

        if (!ShouldProcess(path, "Write CAR"))
        {
            return;
        }

        GraphSource source = OpenSource(node);
        try
        {
            IReadOnlyList<Cid> roots = [.. _arguments.Select(argument => ResolvePath(node, source.Reader, argument, source)).Distinct()];
            source.Expect(new GraphRange(roots[0], GraphScope.All));
            DagWalker walker = new(source.Reader);
            WriteObject(GraphRun.Run(
                this, "Writing a CAR", count => CarFile.ExportAsync(node, walker, roots, path, Force, count, StopToken), StopToken, source.WaitsFor));
        }
        finally
        {
            PipelineThread.Dispose(source);
        }
    }
}
