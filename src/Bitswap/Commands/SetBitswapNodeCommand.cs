using System.Collections;
using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Changes a node while it runs: rates, limits, whether it serves, and its filter. What is under way goes on.</summary>
[Cmdlet(VerbsCommon.Set, "BitswapNode", SupportsShouldProcess = true)]
public sealed class SetBitswapNodeCommand : NodeCmdlet
{
    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument? Node { get; set; }

    /// <summary>Limits by name, such as @{ UploadRate = 1MB }. All are set, or none when one is refused. Names that are not in the help of this parameter are for the start alone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IDictionary? Option { get; set; }

    /// <summary>A filter in the place of the one that the node was started with; see Start-BitswapNode.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Filter { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        if (Option is not null && ShouldProcess(node.Name, $"Set {string.Join(", ", Option.Keys.Cast<object>())}"))
        {
            Configure(node, [.. Option.Cast<DictionaryEntry>().Select(entry => new KeyValuePair<string, object?>(entry.Key.ToString() ?? "", Unwrap.Base(entry.Value)))]);
        }

        if (Filter is not null && ShouldProcess(node.Name, "Set filter"))
        {
            FilterScript filter = new(Filter, name => GetVariableValue(name));
            if (!node.Host.TrySetFilter(filter.AllowsAsync))
            {
                filter.Dispose();
                throw new FaultException(Faults.NoFilter(node.Name));
            }

            node.ReplaceFilter(filter);
        }
    }

    private void Configure(BitswapNode node, KeyValuePair<string, object?>[] values)
    {
        try
        {
            PipelineThread.Wait(node.Host.ConfigureAsync(values, StopToken));
        }
        catch (ArgumentException refused)
        {
            throw new FaultException(Faults.InvalidOption(refused.ParamName ?? "", refused.Message));
        }
    }
}
