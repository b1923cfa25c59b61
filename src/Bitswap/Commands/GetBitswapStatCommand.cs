using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Node;
using Bitswap.Pipeline;
using Bitswap.Protocol;

namespace Bitswap.Commands;

/// <summary>Gives a node's counters: blocks and bytes each way, duplicates, messages, wants, peers, time up.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapStat")]
[OutputType(typeof(BitswapStat))]
public sealed class GetBitswapStatCommand : NodeCmdlet
{
    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument? Node { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        NodeStat stat = PipelineThread.Wait(node.Host.GetStatAsync(StopToken));
        EngineStat engine = stat.Engine;
        WriteObject(new BitswapStat
        {
            Node = node,
            Uptime = stat.Uptime,
            Peers = stat.Connections,
            Wants = engine.Interests,
            BlocksReceived = engine.BlocksReceived,
            BytesReceived = engine.BytesReceived,
            BlocksSent = engine.BlocksSent,
            BytesSent = engine.BytesSent,
            DuplicateBlocks = engine.DuplicateBlocks,
            DuplicateBytes = engine.DuplicateBytes,
            UnwantedBlocks = engine.UnwantedBlocks,
            UnwantedBytes = engine.UnwantedBytes,
            MessagesReceived = engine.MessagesReceived,
            MessagesSent = engine.MessagesSent,
        });
    }
}
