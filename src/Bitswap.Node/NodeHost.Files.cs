using Bitswap.Dag.UnixFs.Import;
using Bitswap.Node.Files;

namespace Bitswap.Node;

/// <content>Files.</content>
public sealed partial class NodeHost
{
    /// <summary>Begins to add files and folders.</summary>
    /// <param name="options">What is added, and how.</param>
    /// <exception cref="Dag.DagException">InvalidProfile.</exception>
    /// <exception cref="BitswapException"><c>NodeStopped</c>.</exception>
    public NodeImport BeginImport(UnixFsImportOptions options)
    {
        EnsureRunning();
        options.Validate();
        return new NodeImport(new BlockBatch(_store, NotePutAsync, AnnounceAsync), HoldBlocks(), options);
    }

    private ValueTask AnnounceAsync(IReadOnlyList<(Cid Cid, int Size)> blocks, CancellationToken cancellationToken)
    {
        foreach ((Cid cid, _) in blocks)
        {
            _sound.Forget(cid);
        }

        return PostAsync(
            (engine, now) =>
            {
                foreach ((Cid cid, int size) in blocks)
                {
                    engine.BlockAdded(cid, size, now);
                }
            },
            cancellationToken);
    }
}
