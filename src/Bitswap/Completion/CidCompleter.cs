using Bitswap.Pipeline;

namespace Bitswap.Completion;

/// <summary>Completes the CIDs that a node wants or has stored.</summary>
public sealed class CidCompleter : LocalCompleter
{
    private const int MaxStored = 200;
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(300);

    private protected override IEnumerable<(string Text, string About)> Words(BitswapNode? node, string typed) => Cids(node, typed);

    /// <summary>The CIDs that a node wants or has stored.</summary>
    internal static IEnumerable<(string Text, string About)> Cids(BitswapNode? node, string typed) => node is null
        ? []
        : node.Wants.Values.Select(want => (want.Cid.ToString(), "wanted")).Concat(PipelineThread.Wait(StoredAsync(node, typed)));

    private static async ValueTask<List<(string Text, string About)>> StoredAsync(BitswapNode node, string typed)
    {
        List<(string Text, string About)> found = [];
        using CancellationTokenSource patience = new(_patience);
        try
        {
            await foreach (StoredBlock block in node.Host.Blocks.ListAsync(patience.Token).ConfigureAwait(false))
            {
                string cid = block.Cid.ToString();
                if (cid.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                {
                    found.Add((cid, ByteSize.Format(block.Size)));
                }

                if (found.Count == MaxStored)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // what was found in time is offered
        }

        return found;
    }
}
