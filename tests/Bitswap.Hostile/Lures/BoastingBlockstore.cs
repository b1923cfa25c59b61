namespace Bitswap.Hostile.Lures;

/// <summary>Knows the size of every block, and never comes up with one.</summary>
internal sealed class BoastingBlockstore : NoBlockstore
{
    public override bool KeepsData => true;

    public override async ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return null;
    }

    public override ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(HonestBlocks.Size);
}
