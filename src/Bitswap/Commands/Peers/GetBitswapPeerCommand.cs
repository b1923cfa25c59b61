using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives the connected peers.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapPeer")]
[OutputType(typeof(BitswapPeer))]
public sealed class GetBitswapPeerCommand : PeerListCmdlet
{
    private protected override void Process(BitswapNode node)
    {
        IReadOnlyList<PeerId>? chosen = Chosen();
        IReadOnlyList<PeerSnapshot> connected = PipelineThread.Wait(node.Host.GetPeersAsync(StopToken));
        foreach (PeerSnapshot snapshot in connected)
        {
            if (chosen is null || chosen.Contains(snapshot.Peer))
            {
                WriteObject(PeerOutput.Create(snapshot, node));
            }
        }

        foreach (PeerId away in chosen?.Except(connected.Select(snapshot => snapshot.Peer)) ?? [])
        {
            WriteError(Faults.PeerNotConnected(away).ToErrorRecord());
        }
    }
}
