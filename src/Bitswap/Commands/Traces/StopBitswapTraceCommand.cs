using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Ends traces. One that was kept in memory gives its records; one that went to a file gives itself, its file complete.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BitswapTrace", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = "Node")]
[OutputType(typeof(BitswapTrace), typeof(BitswapTraceRecord))]
public sealed class StopBitswapTraceCommand : NodeListCmdlet
{
    /// <summary>Traces of Start-BitswapTrace or Get-BitswapTrace. Without them all traces of the node end.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Trace")]
    public BitswapTrace[] Trace { get; set; } = [];

    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ParameterSetName = "Node")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    private protected override void Process()
    {
        if (ParameterSetName == "Trace")
        {
            Stop(Trace);
            return;
        }

        base.Process();
    }

    private protected override void Process(BitswapNode node) => Stop(node.Traces.Values.OrderBy(trace => trace.Id));

    private void Stop(IEnumerable<BitswapTrace> traces)
    {
        foreach (BitswapTrace trace in traces)
        {
            if (!ShouldProcess(trace.Path ?? $"{trace.Id} of {trace.Node}", "Stop trace"))
            {
                continue;
            }

            PipelineThread.Wait(trace.Recorder.StopAsync().WaitAsync(StopToken));
            if (trace.Recorder.Failure is BitswapException error)
            {
                WriteError(new Errors.Fault(error.ErrorId, error.Message, error.Remedy, trace, error).ToErrorRecord());
            }

            if (trace.Path is not null)
            {
                WriteObject(trace);
                continue;
            }

            foreach (BitswapTraceRecord record in trace.Records)
            {
                WriteObject(record);
            }
        }
    }
}
