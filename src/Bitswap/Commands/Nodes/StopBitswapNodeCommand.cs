using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Stops a node: wants that wait end with NodeStopped, connections close, and the store is closed cleanly.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BitswapNode", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapNode))]
public sealed class StopBitswapNodeCommand : NodeListCmdlet
{
    /// <summary>Stops without asking, whatever $ConfirmPreference is.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the node, which has stopped.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsDone(NodeArgument argument) => argument.Node is { IsRunning: false };

    private protected override void Process(BitswapNode node)
    {
        bool dry = MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? whatIf)
            ? ((SwitchParameter)whatIf).IsPresent
            : GetVariableValue("WhatIfPreference") is true;
        if ((Force && !dry) || ShouldProcess(node.Name, "Stop node"))
        {
            PipelineThread.Wait(node.StopAsync().WaitAsync(StopToken));
            if (node.LogWarning is { } warning)
            {
                WriteWarning(warning);
            }

            if (PassThru)
            {
                WriteObject(node);
            }
        }
    }
}
