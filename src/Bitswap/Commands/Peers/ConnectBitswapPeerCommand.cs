using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Connects to peers. Addresses of one peer are tried together, and the first that answers is used.</summary>
[Cmdlet(VerbsCommunications.Connect, "BitswapPeer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapPeer))]
public sealed class ConnectBitswapPeerCommand : NodeListCmdlet
{
    private readonly List<Multiaddr> _addresses = [];

    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>Addresses such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo..., or a node, whose addresses are used.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Addresses", "Multiaddr")]
    [ArgumentCompleter(typeof(AddressCompleter))]
    public MultiaddrArgument[] Address { get; set; } = [];

    /// <summary>How many seconds each peer has; 0 waits as long as the node's own limits let it. 30 by default.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 30;

    private protected override void Process()
    {
        _addresses.Clear();
        foreach (MultiaddrArgument argument in Address)
        {
            try
            {
                _addresses.AddRange(argument.Resolve());
            }
            catch (FaultException bad)
            {
                WriteError(bad.Fault.ToErrorRecord());
            }
        }

        base.Process();
    }

    private protected override void Process(BitswapNode node)
    {
        // an address that does not say whose it is may be anyone's, so it stands alone
        foreach (IGrouping<object, Multiaddr> peer in _addresses.GroupBy(address => (object?)address.PeerId ?? address))
        {
            Multiaddr[] candidates = [.. peer];
            if (!ShouldProcess($"{peer.Key}", $"Connect node '{node.Name}'"))
            {
                continue;
            }

            WriteVerbose($"{node.Name} dials {string.Join(", ", peer)}");
            if (TryAwait(token => TimeLimit.RunAsync(cancel => node.Host.ConnectAsync(candidates, cancel), TimeoutSeconds, peer.Key, token), peer.Key, out PeerSnapshot snapshot))
            {
                WriteObject(PeerOutput.Create(snapshot, node));
            }
        }
    }
}
