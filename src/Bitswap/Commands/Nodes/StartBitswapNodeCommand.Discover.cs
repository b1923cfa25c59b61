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

        if (node.Host.DiscoveryProblems is { Count: > 0 } problems)
        {
            string where = node.Host.DiscoveryInterfaces is { Count: > 0 } used
                ? $"{node.Name} looks for peers on the network interface{(used.Count == 1 ? "" : "s")} {string.Join(", ", used)}, but not on all that it should"
                : $"{node.Name} has no network interface on which to look for peers";
            WriteWarning($"{where}: {string.Join("; ", problems)}.");
        }

        // where loopback interfaces alone were asked for, no others are to find it
        if (node.Host.IsMachineOnly && !node.Host.IsDiscoveryMachineOnly)
        {
            WriteWarning($"{node.Name} listens only on addresses of this machine, so that peers elsewhere on the local network do not find it. Use -ListenAddress, for example /ip4/0.0.0.0/tcp/4001.");
        }
    }
}
