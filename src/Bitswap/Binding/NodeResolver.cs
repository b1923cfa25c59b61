using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Nodes;

namespace Bitswap.Binding;

/// <summary>Decides which node is meant: never by guessing.</summary>
internal static class NodeResolver
{
    /// <summary>The node that was given; or the one that runs, when none was.</summary>
    /// <param name="argument">What was given, or null.</param>
    /// <param name="running">The nodes that run in this process.</param>
    /// <param name="isOfInput">Whether an object that was piped brought it along, and it was not asked for by name: a node of another process is then no node that is asked for.</param>
    /// <exception cref="FaultException">NoNode, SeveralNodes, NodeStopped or NodeElsewhere.</exception>
    public static BitswapNode Resolve(NodeArgument? argument, IReadOnlyList<BitswapNode> running, bool isOfInput = false)
    {
        if (argument?.Several is { } several)
        {
            throw new FaultException(several.Count == 0 ? Faults.NoNodeGiven("an empty list") : Faults.SeveralNodesGiven(several));
        }

        running = [.. running.Where(node => !node.IsOfCall || argument is not null)];
        BitswapNode node = argument is null ? Only(running) : argument.Node ?? Named(argument, running) ?? (isOfInput && !NodeRegistry.Knows(argument.Name) ? Only(running) : throw Missing(argument));
        return node.IsRunning ? node : throw new FaultException(Faults.NodeStopped(node.Name));
    }

    /// <summary>The nodes that an argument means: by a name with wildcards, each that matches.</summary>
    /// <inheritdoc cref="Resolve"/>
    public static IReadOnlyList<BitswapNode> ResolveAll(NodeArgument argument, IReadOnlyList<BitswapNode> running, bool isOfInput)
    {
        if (argument.Node is not null || argument.CopyOf is not null || argument.Several is not null || !WildcardPattern.ContainsWildcardCharacters(argument.Name))
        {
            return [Resolve(argument, running, isOfInput)];
        }

        WildcardPattern pattern = WildcardPattern.Get(argument.Name, WildcardOptions.IgnoreCase);
        BitswapNode[] matches = [.. running.Where(node => pattern.IsMatch(node.Name))];
        return matches.Length > 0 ? matches : throw new FaultException(Faults.NoNode(argument.Name));
    }

    private static BitswapNode Only(IReadOnlyList<BitswapNode> running) => running.Count switch
    {
        0 => throw new FaultException(Faults.NoNode()),
        1 => running[0],
        _ => throw new FaultException(Faults.SeveralNodes([.. running.Select(node => node.Name)])),
    };

    // a copy of a node of this process stands for it, and one of another node that happens to have the name does not
    private static BitswapNode? Named(NodeArgument argument, IReadOnlyList<BitswapNode> running) => running.FirstOrDefault(node =>
        node.Name.Equals(argument.Name, StringComparison.OrdinalIgnoreCase) && (argument.CopyOf is null || argument.CopyOf == node.PeerId));

    private static FaultException Missing(NodeArgument argument) => new(
        argument.CopyOf is not null ? Faults.NodeElsewhere(argument.Name, argument.CopyOf)
        : NodeRegistry.Knows(argument.Name) ? Faults.NodeStopped(argument.Name)
        : Faults.NoNode(argument.Name));
}
