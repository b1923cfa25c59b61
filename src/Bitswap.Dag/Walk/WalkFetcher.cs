using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Walk;

/// <summary>
/// Asks for blocks ahead of their turn, as many as may be held. One caller at a time; the answers come from other tasks.
/// </summary>
internal sealed class WalkFetcher(BlockReader reader, DagWalkOptions options, CancellationToken cancellationToken) : IAsyncDisposable
{
    // What a block on its way is taken for, and how many are asked for whatever is held.
    private const long AssumedSize = 1 << 20;
    private const int AlwaysAsked = 4;

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly Dictionary<Cid, Task<WalkBlock>> _asked = [];
    private long _held;

    /// <summary>Asks for what comes next: the end of a list is the next to be visited.</summary>
    public void Prefetch(List<WalkNode> pending, HashSet<Cid> visited)
    {
        int last = Math.Max(0, pending.Count - options.ReadAhead);
        for (int i = pending.Count - 1; i >= last; i--)
        {
            bool always = pending.Count - i <= AlwaysAsked;
            if (!always && Interlocked.Read(ref _held) + AssumedSize > options.MaxHeldBytes)
            {
                return;
            }

            WalkNode node = pending[i];
            if (!visited.Contains(node.Cid) && !_asked.ContainsKey(node.Cid))
            {
                Interlocked.Add(ref _held, AssumedSize);
                _asked.Add(node.Cid, AskAsync(node));
            }
        }
    }

    /// <summary>Returns the block that was asked for, which is no longer held then.</summary>
    public async ValueTask<WalkBlock> TakeAsync(Cid cid)
    {
        Task<WalkBlock> task = _asked[cid];
        WalkBlock block = await task.ConfigureAwait(false);
        _asked.Remove(cid);
        Interlocked.Add(ref _held, -block.Data.Length);
        return block;
    }

    /// <summary>Gives up what is still asked for and waits for it to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await ((Task)Task.WhenAll(_asked.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task<WalkBlock> AskAsync(WalkNode node)
    {
        WalkBlock block = default;
        try
        {
            block = await AnswerAsync(node).ConfigureAwait(false);
            return block;
        }
        // A reader says in its own way that it has no block; the walk hands that on with the block that is missing.
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            return new WalkBlock(false, default, null, exception);
        }
        finally
        {
            Interlocked.Add(ref _held, block.Data.Length - AssumedSize);
        }
    }

    private async ValueTask<WalkBlock> AnswerAsync(WalkNode node)
    {
        Cid cid = node.Cid;
        if (options.LeafSize is { } leafSize && DagLinks.IsLeaf(cid.Codec) && !KnownBlock.Is(cid.Hash) && BlockRule.Check(cid) is null
            && await leafSize(cid, node.Claimed, _stop.Token).ConfigureAwait(false) is { } size)
        {
            return new WalkBlock(true, default, size, null);
        }

        ReadOnlyMemory<byte> data = await reader.GetAsync(cid, _stop.Token).ConfigureAwait(false);
        return new WalkBlock(true, data, data.Length, null);
    }
}

/// <summary>Represents the answer to a question for a block.</summary>
/// <param name="IsThere">Whether it is there.</param>
/// <param name="Data">Its bytes, unless only its size was asked for.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="Error">Why it is not there.</param>
internal readonly record struct WalkBlock(bool IsThere, ReadOnlyMemory<byte> Data, long? Size, Exception? Error);
