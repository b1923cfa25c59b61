using System.Collections;
using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Changes a node while it runs: rates, limits, whether it serves, its routers and its filter. What is under way goes on.</summary>
[Cmdlet(VerbsCommon.Set, "BitswapNode", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapNode))]
public sealed class SetBitswapNodeCommand : NodeListCmdlet
{
    /// <summary>Limits by name, such as @{ UploadRate = 1MB }. All are set, or none when one is refused. Names that are not in the help of this parameter are for the start alone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(OptionCompleter))]
    public LiveOptions? Option { get; set; }

    /// <summary>Routers to ask from now on in the place of those before, such as https://delegated-ipfs.dev; an empty list, @(), for none.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(RouterCompleter))]
    public Uri[]? Router { get; set; }

    /// <summary>Gives the node.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>A filter in the place of the one that the node was started with; see Start-BitswapNode.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Filter { get; set; }

    private protected override void Process(BitswapNode node)
    {
        if (Option is not null && ShouldProcess(node.Name, $"Set {string.Join(", ", Option.Keys.Cast<object>())}"))
        {
            Configure(node, [.. Option.Cast<DictionaryEntry>().Select(entry => new KeyValuePair<string, object?>(entry.Key.ToString() ?? "", Unwrap.Base(entry.Value)))]);
        }

        if (Router is not null && ShouldProcess(node.Name, Router.Length == 0 ? "Ask no router" : $"Ask {string.Join(", ", (object[])Router)}"))
        {
            PipelineThread.Wait(node.Host.SetRoutersAsync([.. Router.Select(RouterUri.Check)], StopToken));
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

        if (PassThru)
        {
            WriteObject(node);
        }
    }

    private void Configure(BitswapNode node, KeyValuePair<string, object?>[] values)
    {
        foreach ((string name, _) in values)
        {
            if (!NodeOptionTable.Names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new FaultException(Faults.UnknownOption(name));
            }

            if (!NodeHost.LiveOptions.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new FaultException(Faults.FixedOption(name, NodeHost.LiveOptions));
            }
        }

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
