using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives the wantlist of a node, or what its peers want of it.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapWantlist")]
[OutputType(typeof(BitswapWantlistEntry))]
public sealed class GetBitswapWantlistCommand : NodeListCmdlet
{
    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>Sent for the node's own wants, which is the default; Received for what peers want of it.</summary>
    [Parameter(Position = 0)]
    [ValidateSet("Sent", "Received")]
    public string Direction { get; set; } = "Sent";

    /// <summary>Only what these peers want, or were asked for.</summary>
    [Parameter]
    [Alias("PeerId")]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    private protected override void Process(BitswapNode node)
    {
        HashSet<PeerId>? peers = Peer is null ? null : [.. Peer.Select(argument => argument.Resolve())];
        if (Direction.Equals("Received", StringComparison.OrdinalIgnoreCase))
        {
            foreach (PeerId peer in peers ?? [.. node.Host.ConnectedPeers])
            {
                WriteReceived(node, PipelineThread.Wait(node.Host.GetPeerWantlistAsync(peer, StopToken)));
            }

            return;
        }

        foreach (WantlistItem item in PipelineThread.Wait(node.Host.GetWantlistAsync(StopToken)))
        {
            PeerId[] asked = [.. item.Answers.Select(answer => answer.Peer)];
            if (peers is null || asked.Any(peers.Contains))
            {
                WriteObject(new BitswapWantlistEntry
                {
                    Cid = item.Cid.ToString(),
                    Priority = item.Priority,
                    Type = Name(item.Type),
                    Age = Age(node, item.Since),
                    Direction = "Sent",
                    AskedPeers = [.. asked.Select(peer => peer.ToString())],
                    Answers = [.. item.Answers.Select(answer => new BitswapPeerAnswer(answer))],
                    State = item.State.ToString(),
                    Session = item.SessionId,
                    Node = node.Name,
                });
            }
        }
    }

    private static string Name(WantType type) => type == WantType.Have ? "Have" : "Block";

    private static TimeSpan Age(BitswapNode node, TimeSpan since) => node.Host.EngineTime is var now && now > since ? now - since : TimeSpan.Zero;

    private void WriteReceived(BitswapNode node, IReadOnlyList<PeerWantlistItem> items)
    {
        foreach (PeerWantlistItem item in items)
        {
            WriteObject(new BitswapWantlistEntry
            {
                Cid = item.Cid.ToString(),
                Priority = item.Priority,
                Type = Name(item.Type),
                Age = Age(node, item.Since),
                Direction = "Received",
                Peer = item.Peer.ToString(),
                State = item.HasBlock ? "Serving" : "Missing",
                Node = node.Name,
            });
        }
    }
}
