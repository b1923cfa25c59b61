using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Node;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives a node's counters: blocks and bytes each way, duplicates, messages, wants, peers, time up.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapStat")]
[OutputType(typeof(BitswapStat))]
public sealed class GetBitswapStatCommand : NodeListCmdlet
{
    private protected override void Process(BitswapNode node)
    {
        NodeStat stat = PipelineThread.Wait(node.Host.GetStatAsync(StopToken));
        WriteObject(new BitswapStat(node.Name, stat));
    }
}
