using Bitswap.Dag.UnixFs.Read;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Completion;

/// <summary>Completes CIDs, and the names in directories whose blocks a node has stored.</summary>
public sealed class ContentCompleter : LocalCompleter
{
    private const int MaxNames = 200;
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(300);

    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed)
    {
        string prefix = typed.StartsWith("/ipfs/", StringComparison.Ordinal) ? "/ipfs/" : "";
        int slash = typed.LastIndexOf('/');
        return slash >= prefix.Length
            ? nodes.SelectMany(node => PipelineThread.Wait(NamesAsync(node, typed[..(slash + 1)], typed[(slash + 1)..])))
            : CidCompleter.Cids(nodes, typed[prefix.Length..]).Select(word => (prefix + word.Text, word.About));
    }

    private static async ValueTask<List<(string Text, string About)>> NamesAsync(BitswapNode node, string folder, string begun)
    {
        List<(string Text, string About)> found = [];
        using CancellationTokenSource patience = new(_patience);
        UnixFsReader reader = new(NodeBlocks.Local(node.Host));
        try
        {
            Cid cid = (await reader.ResolveAsync(ContentPath.Parse(folder), patience.Token).ConfigureAwait(false)).Cid;
            await foreach (UnixFsEntry entry in reader.ListAsync(cid, recurse: false, _ => { }, patience.Token).ConfigureAwait(false))
            {
                if (entry.Depth > 0 && entry.Name.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
                {
                    found.Add((folder + entry.Name, entry.Size is { } size ? ByteSize.Format(size) : entry.Type.ToString()));
                }

                if (found.Count == MaxNames)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or FormatException or BitswapException)
        {
            // what was found before a block was missing, or in time, is offered
        }

        return found;
    }
}
