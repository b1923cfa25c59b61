using System.Buffers;
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

    // what PowerShell reads as more than a letter of a word
    private static readonly SearchValues<char> _special = SearchValues.Create(" '\"`$;,&|(){}<>@#");

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
            return [.. Words(NodesOf(fakeBoundParameters), typed)
                .Where(word => word.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .DistinctBy(word => word.Text)
                .Take(MaxWords)
                .Select(word => new CompletionResult(Complete(word.Text), word.Text, CompletionResultType.ParameterValue, word.About))
                .Concat(Files(wordToComplete))];
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException || FaultMap.TryMap(exception, null, out _))
        {
            // a node that stops while someone types: there is nothing to offer
            return [];
        }
    }

    /// <summary>What there is to offer, each with a few words about it. What does not begin with what is typed is left out later.</summary>
    /// <param name="nodes">The nodes that the line names so far; all that run where it names none.</param>
    /// <param name="typed">What is typed.</param>
    private protected abstract IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed);

    /// <summary>What of the file system there is to offer beside the words: PowerShell does not add it to what a completer gives.</summary>
    private protected virtual IEnumerable<CompletionResult> Files(string typed) => [];

    /// <summary>What a word becomes on the command line.</summary>
    private protected virtual string Complete(string word) => Quote(word);

    /// <summary>A few words about something of a node, which name the node where it is one of several.</summary>
    private protected static string Of(BitswapNode node, IReadOnlyList<BitswapNode> nodes, string about) => nodes.Count > 1 ? $"{about}, {node.Name}" : about;

    /// <summary>A word as it can stand on a command line: a name of a file may have anything in it.</summary>
    internal static string Quote(string word) =>
        word.AsSpan().ContainsAny(_special) ? $"'{word.Replace("'", "''", StringComparison.Ordinal)}'" : word;

    private static IReadOnlyList<BitswapNode> NodesOf(IDictionary bound)
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        if (!bound.Contains("Node") || bound["Node"] is not { } given)
        {
            return running;
        }

        IEnumerable<object?> named = Unwrap.Base(given) is IList list ? list.Cast<object?>() : [given];
        NodeArgument[] arguments = [.. named.OfType<object>().Select(each => new NodeArgument(each))];
        return [.. running.Where(node => arguments.Any(argument => argument.Node == node || (argument.Node is null && argument.Name.Equals(node.Name, StringComparison.OrdinalIgnoreCase))))];
    }
}
