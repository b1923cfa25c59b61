using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Pipeline;
using Bitswap.Protocol;

namespace Bitswap.Commands;

/// <summary>Gives what went back and forth with each peer, also those that are away and remembered.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapLedger")]
[OutputType(typeof(BitswapLedger))]
public sealed class GetBitswapLedgerCommand : NodeCmdlet
{
    /// <summary>The node, or its name. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument? Node { get; set; }

    /// <summary>Only these peers.</summary>
    [Parameter(Position = 0)]
    [Alias("PeerId")]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        HashSet<PeerId>? peers = Peer is null ? null : [.. Peer.Select(argument => argument.Resolve())];
        foreach (LedgerSnapshot ledger in PipelineThread.Wait(node.Host.GetLedgersAsync(StopToken)))
        {
            if (peers is null || peers.Contains(ledger.Peer))
            {
                WriteObject(new BitswapLedger
                {
                    PeerId = ledger.Peer,
                    Connected = ledger.IsConnected,
                    Sent = ledger.BytesSent,
                    Received = ledger.BytesReceived,
                    BlocksSent = ledger.BlocksSent,
                    BlocksReceived = ledger.BlocksReceived,
                    DebtRatio = ledger.DebtRatio,
                    Score = ledger.Score,
                    Node = node,
                });
            }
        }
    }
}
