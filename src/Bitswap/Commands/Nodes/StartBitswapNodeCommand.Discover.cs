using System.Collections;
using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Node;
using Bitswap.Nodes;

namespace Bitswap.Commands;

/// <content>Where a node looks for peers by itself.</content>
public sealed partial class StartBitswapNodeCommand
{
    /// <summary>
    /// Where the node looks for peers and is found by them: Lan, the local network. It connects to those that it finds, so that they are asked for blocks. Who is on that network
    /// learns the peer id of the node, and the addresses of that network that it listens on. By default it neither looks nor tells.
    /// </summary>
    [Parameter(ParameterSetName = "Listen")]
    [ValidateSet("Lan")]
    public string? Discover { get; set; }

    // the option has the same name
    private bool IsLooking => Discover is not null
        || (Option ?? new StartOptions()).Cast<DictionaryEntry>().Any(option => $"{option.Key}".Equals(nameof(Discover), StringComparison.OrdinalIgnoreCase)
            && $"{Unwrap.Base(option.Value)}".Equals(nameof(PeerDiscovery.Lan), StringComparison.OrdinalIgnoreCase));

    private NodeOptions Look(NodeOptions options) =>
        Discover is null ? options : options with { Routing = options.Routing with { Discover = PeerDiscovery.Lan } };

    private void WarnOfDiscovery(BitswapNode node, NodeOptions options)
    {
        if (options.Routing.Discover == PeerDiscovery.None)
        {
            return;
        }

        foreach (string problem in node.Host.DiscoveryProblems)
        {
            WriteWarning($"{node.Name} does not look for peers on a network interface. {problem}");
        }

        if (node.Host.IsMachineOnly)
        {
            WriteWarning($"{node.Name} listens only on addresses of this machine, so that peers elsewhere on the local network do not find it. Use -ListenAddress, for example /ip4/0.0.0.0/tcp/4001.");
        }
    }
}
