using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that gives what a node knows of its peers, of all or of some.</summary>
public abstract class PeerListCmdlet : NodeListCmdlet
{
    private protected PeerListCmdlet()
    {
    }

    /// <summary>The nodes, or their names. May be left out when exactly one node runs in this process.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public override NodeArgument[]? Node { get; set; }

    /// <summary>Only these peers.</summary>
    [Parameter(Position = 0)]
    [Alias("PeerId")]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>The ids of <see cref="Peer"/>, each once and in their order; null for all peers.</summary>
    /// <exception cref="Errors.FaultException">InvalidPeerId.</exception>
    private protected IReadOnlyList<PeerId>? Chosen() => Peer is null ? null : [.. Peer.Select(argument => argument.Resolve()).Distinct()];
}
