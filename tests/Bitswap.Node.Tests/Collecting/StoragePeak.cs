using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Tests.Collecting;

/// <summary>What a bounded repository held at the most.</summary>
internal static class StoragePeak
{
    public static long PeakBytes(this NodeHost node) => ((FlatFileBlockstore)node.Blocks).Quota!.PeakBytes;
}
