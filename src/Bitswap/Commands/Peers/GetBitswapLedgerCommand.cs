using System.Management.Automation;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives what went back and forth with each peer, also those that are away and remembered.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapLedger")]
[OutputType(typeof(BitswapLedger))]
public sealed class GetBitswapLedgerCommand : PeerListCmdlet
{
    private protected override void Process(BitswapNode node)
    {
        IReadOnlyList<PeerId>? chosen = Chosen();
        foreach (LedgerSnapshot ledger in PipelineThread.Wait(node.Host.GetLedgersAsync(StopToken)))
        {
            if (chosen is null || chosen.Contains(ledger.Peer))
            {
                WriteObject(new BitswapLedger
                {
                    PeerId = ledger.Peer.ToString(),
                    Connected = ledger.IsConnected,
                    Sent = ledger.BytesSent,
                    Received = ledger.BytesReceived,
                    BlocksSent = ledger.BlocksSent,
                    BlocksReceived = ledger.BlocksReceived,
                    DebtRatio = ledger.DebtRatio,
                    Score = ledger.Score,
                    Node = node.Name,
                });
            }
        }
    }
}
