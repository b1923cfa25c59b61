using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node.Repositories;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Tells what is pinned.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapPin")]
[OutputType(typeof(BitswapPin))]
public sealed class GetBitswapPinCommand : NodeListCmdlet
{
    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>Only these pins; without it, all, the oldest first. One that is not pinned is an error.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[]? Cid { get; set; }

    private protected override void Process(BitswapNode node)
    {
        if (Cid is null)
        {
            foreach (Pin pin in node.Host.Pins.List())
            {
                WriteObject(new BitswapPin(pin, node));
            }

            return;
        }

        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolveStored(node, argument)), argument, out Cid cid))
            {
                if (node.Host.Pins.Find(cid) is { } pin)
                {
                    WriteObject(new BitswapPin(pin, node));
                }
                else
                {
                    WriteError(Faults.PinNotFound(cid).ToErrorRecord());
                }
            }
        }
    }
}
