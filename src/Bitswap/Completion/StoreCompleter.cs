using System.Management.Automation;

namespace Bitswap.Completion;

/// <summary>Completes the block stores that go by a name, and folders.</summary>
public sealed class StoreCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => [("Memory", "gone with the node")];

    private protected override IEnumerable<CompletionResult> Files(string typed) =>
        typed.Contains('\0', StringComparison.Ordinal) ? [] : CompletionCompleters.CompleteFilename(typed).Where(found => found.ResultType == CompletionResultType.ProviderContainer);
}
