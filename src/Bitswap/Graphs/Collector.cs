using System.Globalization;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Graphs;

/// <summary>Removes what a collection found, after the user's consent.</summary>
internal static class Collector
{
    /// <summary>Asks and removes; gives what was removed.</summary>
    public static void Remove(IPipelineSink sink, BitswapNode node, StoreCollection collection, string target, Action<StoredBlock> removed, CancellationToken stop)
    {
        string action = string.Create(
            CultureInfo.InvariantCulture, $"Remove {collection.Candidates.Count} blocks of {ByteSize.Format(collection.Bytes)}");
        if (collection.Candidates.Count == 0 || !sink.ShouldProcess($"{target} in {node.Name}", action))
        {
            return;
        }

        using ProgressMeter meter = new(sink, "Removing blocks", TimeProvider.System) { Total = collection.Candidates.Count };
        foreach (StoredBlock block in PipelineThread.Each(collection.RemoveAsync(stop), stop))
        {
            meter.Add(block.Size);
            removed(block);
        }
    }
}
