using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node.Observability;
using Bitswap.Node.Tracing;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives the traces that run, or reads the records of a file that a trace wrote, also while it is being written.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapTrace", DefaultParameterSetName = "Node")]
[OutputType(typeof(BitswapTrace), ParameterSetName = ["Node"])]
[OutputType(typeof(BitswapTraceRecord), ParameterSetName = ["Path", "LiteralPath"])]
public sealed class GetBitswapTraceCommand : NodeListCmdlet
{
    /// <summary>The nodes, or their names; all that run when it is left out.</summary>
    [Parameter(ParameterSetName = "Node", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>Files of Start-BitswapTrace.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files of Start-BitswapTrace, their names taken as they are written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    private protected override IReadOnlyList<BitswapNode> Unsaid => NodeRegistry.Running;

    private protected override void Process()
    {
        if (ParameterSetName != "Node")
        {
            bool wildcards = ParameterSetName == "Path";
            foreach (string path in FilePaths.Resolve(this, wildcards ? Path : LiteralPath, wildcards))
            {
                Read(path);
            }

            return;
        }

        base.Process();
    }

    private protected override void Process(BitswapNode node)
    {
        foreach (BitswapTrace trace in node.Traces.Values.OrderBy(trace => trace.Id))
        {
            WriteObject(trace);
        }
    }

    private void Read(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 64 * 1024, FileOptions.Asynchronous);
            foreach (NodeObservation record in PipelineThread.Each(TraceReader.ReadAsync(file, StopToken), StopToken))
            {
                WriteObject(TraceOutput.Create(record));
            }
        }
        catch (BitswapException invalid)
        {
            WriteError(new Fault(invalid.ErrorId, $"{path}: {invalid.Message}", invalid.Remedy, path, invalid).ToErrorRecord());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WriteError(Faults.ReadFailed(path, failure).ToErrorRecord());
        }
    }
}
