using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Stops a node: wants that wait end with NodeStopped, connections close, and the store is closed cleanly.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BitswapNode", SupportsShouldProcess = true)]
public sealed class StopBitswapNodeCommand : NodeCmdlet
{
    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(Completion.NodeCompleter))]
    public override NodeArgument? Node { get; set; }

    /// <summary>Stops without asking, whatever $ConfirmPreference is.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        if (Node?.Node is { IsRunning: false })
        {
            return;
        }

        BitswapNode node = ResolveNode();
        bool dry = MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? whatIf)
            ? ((SwitchParameter)whatIf).IsPresent
            : GetVariableValue("WhatIfPreference") is true;
        if ((Force && !dry) || ShouldProcess(node.Name, "Stop node"))
        {
            PipelineThread.Wait(node.StopAsync().WaitAsync(StopToken));
        }
    }
}
