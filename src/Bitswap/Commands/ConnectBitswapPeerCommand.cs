using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Connects to peers. Addresses of one peer are tried together, and the first that answers is used.</summary>
[Cmdlet(VerbsCommunications.Connect, "BitswapPeer")]
[OutputType(typeof(BitswapPeer))]
public sealed class ConnectBitswapPeerCommand : NodeCmdlet
{
    /// <summary>Addresses such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo..., or a node, whose addresses are used.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Addresses", "Multiaddr")]
    [ArgumentCompleter(typeof(AddressCompleter))]
    public MultiaddrArgument[] Address { get; set; } = [];

    /// <summary>How many seconds each peer has; 0 waits as long as the node's own limits let it. 30 by default.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    public double TimeoutSeconds { get; set; } = 30;

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        List<Multiaddr> addresses = [];
        foreach (MultiaddrArgument argument in Address)
        {
            try
            {
                addresses.AddRange(argument.Resolve());
            }
            catch (FaultException bad)
            {
                WriteError(bad.Fault.ToErrorRecord());
            }
        }

        LogRelay? log = RelayLog();
        if (log is not null)
        {
            node.Host.ListenToLog(log.Listener);
        }

        try
        {
            Connect(node, addresses, log);
        }
        finally
        {
            if (log is not null)
            {
                node.Host.UnlistenToLog(log.Listener);
            }
        }
    }

    private void Connect(BitswapNode node, List<Multiaddr> addresses, LogRelay? log)
    {
        // an address that does not say whose it is may be anyone's, so it stands alone
        foreach (IGrouping<object, Multiaddr> peer in addresses.GroupBy(address => (object?)address.PeerId ?? address))
        {
            Multiaddr[] candidates = [.. peer];
            WriteVerbose($"{node.Name} dials {string.Join(", ", peer)}");
            if (TryAwait(token => TimeLimit.RunAsync(cancel => node.Host.ConnectAsync(candidates, cancel), TimeoutSeconds, peer.Key, token), peer.Key, out PeerSnapshot snapshot, log))
            {
                WriteObject(PeerOutput.Create(snapshot, node));
            }
        }
    }
}
