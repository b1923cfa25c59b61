using Bitswap.Dag.Abstractions;
using Bitswap.Errors;

namespace Bitswap.Graphs;

/// <summary>
/// Reads blocks from peers until these have been silent for as long as the user waits, and what is stored from then on: a listing with thousands of
/// blocks that do not come waits once.
/// </summary>
/// <param name="peers">Reads what is stored, and asks peers for the rest.</param>
/// <param name="stored">Reads what is stored.</param>
/// <param name="silence">How long no block may arrive.</param>
internal sealed class UntilSilence(BlockReader peers, BlockReader stored, TimeSpan silence)
{
    private volatile bool _isOver;

    /// <summary>Reads a block.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        if (!_isOver)
        {
            try
            {
                return await peers(cid, cancellationToken).ConfigureAwait(false);
            }
            catch (BitswapException failure) when (failure.ErrorId == NodeErrorIds.Timeout)
            {
                _isOver = true;
                throw;
            }
        }

        try
        {
            return await stored(cid, cancellationToken).ConfigureAwait(false);
        }
        catch (BitswapException failure) when (failure.ErrorId == NodeErrorIds.BlockNotFound)
        {
            throw new FaultException(Faults.AllSilent(cid, silence));
        }
    }
}
