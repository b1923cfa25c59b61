using Bitswap.Errors;

namespace Bitswap.Binding;

/// <summary>Decides which node is meant: never by guessing.</summary>
internal static class NodeResolver
{
    /// <summary>The node that was given; or the one that runs, when none was.</summary>
    /// <exception cref="FaultException">NoNode, SeveralNodes, NodeStopped.</exception>
    public static BitswapNode Resolve(NodeArgument? argument, IReadOnlyList<BitswapNode> running)
    {
        BitswapNode node = argument switch
        {
            null => Only(running),
            { Node: { } given } => given,
            _ => running.FirstOrDefault(candidate => candidate.Name.Equals(argument.Name, StringComparison.OrdinalIgnoreCase))
                ?? throw new FaultException(Faults.NoNode(argument.Name)),
        };
        return node.IsRunning ? node : throw new FaultException(Faults.NodeStopped(node.Name));
    }

    private static BitswapNode Only(IReadOnlyList<BitswapNode> running) => running.Count switch
    {
        0 => throw new FaultException(Faults.NoNode()),
        1 => running[0],
        _ => throw new FaultException(Faults.SeveralNodes([.. running.Select(node => node.Name)])),
    };
}
