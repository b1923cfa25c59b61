using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes from what is known in this process. Nothing is asked of a peer, and a failure completes nothing.</summary>
public abstract class LocalCompleter : IArgumentCompleter
{
    /// <summary>How many words are offered at most.</summary>
    private const int MaxWords = 200;

    private protected LocalCompleter()
    {
    }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        try
        {
            return [.. Words(NodeOf(fakeBoundParameters), typed)
                .Where(word => word.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Take(MaxWords)
                .Select(word => new CompletionResult(Quote(word.Text), word.Text, CompletionResultType.ParameterValue, word.About))];
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException || FaultMap.TryMap(exception, null, out _))
        {
            // a node that stops while someone types: there is nothing to offer, and nobody to tell
            return [];
        }
    }

    /// <summary>What there is to offer, each with a few words about it. What does not begin with what is typed is left out later.</summary>
    private protected abstract IEnumerable<(string Text, string About)> Words(BitswapNode? node, string typed);

    // a name of a file may have anything in it
    private static string Quote(string word) =>
        word.AsSpan().ContainsAny(" '\"`$;,&|(){}<>@#") ? $"'{word.Replace("'", "''", StringComparison.Ordinal)}'" : word;

    // the node that the line names so far, else the only one; null where that says nothing
    private static BitswapNode? NodeOf(IDictionary bound)
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        if (!bound.Contains("Node") || bound["Node"] is not { } given)
        {
            return running.Count == 1 ? running[0] : null;
        }

        NodeArgument argument = new(given);
        return argument.Node ?? running.FirstOrDefault(node => node.Name.Equals(argument.Name, StringComparison.OrdinalIgnoreCase));
    }
}
