using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Finds the peers on the local network, each as soon as it answers. None is connected to.</summary>
[Cmdlet(VerbsCommon.Find, "BitswapPeer")]
[OutputType(typeof(BitswapFoundPeer))]
public sealed class FindBitswapPeerCommand : NodeCmdlet
{
    /// <summary>How many seconds it looks, 5 by default; 0 is until you stop it.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 5;

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (FoundPeer peer in PipelineThread.Each(node.Host.FindPeersAsync(TimeLimit.From(TimeoutSeconds), StopToken), StopToken))
        {
            WriteObject(new BitswapFoundPeer
            {
                PeerId = peer.Peer.ToString(),
                Addresses = [.. peer.Addresses.Select(address => address.ToString())],
                Interface = [.. peer.Interfaces],
                FirstSeen = peer.FirstSeen,
                LastSeen = peer.LastSeen,
                Connected = peer.IsConnected,
                Node = node.Name,
            });
        }
    }
}
