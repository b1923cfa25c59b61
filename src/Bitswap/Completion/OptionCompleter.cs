using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Bitswap.Completion;

/// <summary>
/// Completes the names of options where a table of them is to begin, each with its help. Inside the table PowerShell completes them by what
/// <see cref="ModuleLoader.OptionNotes"/> adds to the parameter's type.
/// </summary>
public sealed class OptionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.TrimStart('@', '{', ' ');
        bool isLive = commandName?.StartsWith("Set-", StringComparison.OrdinalIgnoreCase) == true;
        return [.. (isLive ? OptionHelp.Live : OptionHelp.All)
            .Where(option => option.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(option => new CompletionResult($"@{{ {option.Name} = ", option.Name, CompletionResultType.ParameterValue, option.About))];
    }
}
