using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives the connected peers.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapPeer")]
[OutputType(typeof(BitswapPeer))]
public sealed class GetBitswapPeerCommand : NodeCmdlet
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
        IReadOnlyList<PeerSnapshot> all = PipelineThread.Wait(node.Host.GetPeersAsync(StopToken));
        if (Peer is null)
        {
            foreach (PeerSnapshot snapshot in all)
            {
                WriteObject(PeerOutput.Create(snapshot, node));
            }

            return;
        }

        foreach (PeerArgument argument in Peer)
        {
            PeerId peer = argument.Resolve();
            PeerSnapshot? snapshot = all.FirstOrDefault(candidate => candidate.Peer.Equals(peer));
            if (snapshot is null)
            {
                WriteError(Faults.PeerNotConnected(peer).ToErrorRecord());
            }
            else
            {
                WriteObject(PeerOutput.Create(snapshot, node));
            }
        }
    }
}
