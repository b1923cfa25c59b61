using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Closes the connections to peers.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "BitswapPeer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapPeer))]
public sealed class DisconnectBitswapPeerCommand : NodeListCmdlet
{
    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>Peer ids, addresses that end with one, or objects of Get-BitswapPeer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PeerId")]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[] Peer { get; set; } = [];

    /// <summary>Gives each peer as it was before.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process(BitswapNode node)
    {
        foreach (PeerArgument argument in Peer)
        {
            if (!TryAwait(_ => ValueTask.FromResult(argument.Resolve()), argument, out PeerId peer))
            {
                continue;
            }

            if (!node.Host.IsConnected(peer))
            {
                WriteError(Faults.PeerNotConnected(peer).ToErrorRecord());
            }
            else if (ShouldProcess(peer.ToString(), "Disconnect"))
            {
                PeerSnapshot? before = PassThru ? PipelineThread.Wait(node.Host.GetPeersAsync(StopToken)).FirstOrDefault(snapshot => snapshot.Peer.Equals(peer)) : null;
                bool isAway = TryAwait(
                    async token =>
                    {
                        await node.Host.DisconnectAsync(peer, token).ConfigureAwait(false);
                        return true;
                    },
                    peer,
                    out _);
                if (isAway && before is not null)
                {
                    WriteObject(PeerOutput.Create(before, node));
                }
            }
        }
    }
}
