using Bitswap.Pipeline;

namespace Bitswap.Completion;

/// <summary>Completes the CIDs that a node wants, has pinned or has stored.</summary>
public sealed class CidCompleter : LocalCompleter
{
    private const int MaxStored = 200;
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(300);

    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => Cids(nodes, typed);

    /// <summary>The CIDs that nodes want, have pinned or have stored; of the last, those of the codec that is typed.</summary>
    internal static IEnumerable<(string Text, string About)> Cids(IReadOnlyList<BitswapNode> nodes, string typed)
    {
        // all stores are looked through at once, so that many nodes take no longer than one
        ValueTask<List<(string Text, string About)>>[] stored = [.. nodes.Select(node => StoredAsync(node, typed))];
        return nodes.SelectMany((node, i) => node.Wants.Values.Select(want => (Text: want.Cid, About: "wanted"))
            .Concat(node.Host.Pins.List().Select(pin => (Text: pin.Cid.ToString(), About: pin.Name is null ? "pinned" : $"pinned: {pin.Name}")))
            .Concat(PipelineThread.Wait(stored[i]))
            .Select(word => (word.Text, Of(node, nodes, word.About))));
    }

    private static async ValueTask<List<(string Text, string About)>> StoredAsync(BitswapNode node, string typed)
    {
        List<(string Text, string About)> found = [];
        if (!CidStart.TryParse(typed, out CidStart start))
        {
            return found;
        }

        using CancellationTokenSource patience = new(_patience);
        try
        {
            await foreach (StoredBlock block in node.Host.ListBlocksAsync(start.Hash, patience.Token).ConfigureAwait(false))
            {
                found.Add((Bitswap.Cid.CreateV1(start.Codec, block.Cid.Hash).ToString(), ByteSize.Format(block.Size)));
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
