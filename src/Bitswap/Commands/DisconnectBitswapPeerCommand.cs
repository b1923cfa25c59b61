using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Closes the connections to peers.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "BitswapPeer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
public sealed class DisconnectBitswapPeerCommand : NodeCmdlet
{
    /// <summary>Peer ids, addresses that end with one, or objects of Get-BitswapPeer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PeerId")]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[] Peer { get; set; } = [];

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
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
                TryAwait(
                    async token =>
                    {
                        await node.Host.DisconnectAsync(peer, token).ConfigureAwait(false);
                        return true;
                    },
                    peer,
                    out _);
            }
        }
    }
}
