using System.Collections.Concurrent;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Reads and writes blocks for the engine, in parallel and off the loop, with a bound on how many at once and on how long the store may take for one: a call that takes longer is
/// as one that failed, and the node goes on and stops without it.
/// </summary>
internal sealed class StoreWorker(IBlockstore store, VerifiedStore verified, StoreBounds bounds, ByteGate gate, GcLocker guard, ILogger log) : IDisposable
{
    /// <summary>As many as may be stored at once, many times over: each is asked for right after.</summary>
    private const int MaxRefused = 4096;

    private readonly SemaphoreSlim _slots = new(bounds.Parallelism, bounds.Parallelism);

    // writes may wait for room in the store, and reads do not wait for them
    private readonly SemaphoreSlim _writeSlots = new(bounds.Parallelism, bounds.Parallelism);
    private readonly IEvictingBlockstore? _memory = store as IEvictingBlockstore;
    private readonly ConcurrentDictionary<Multihash, BitswapException> _refused = new();

    /// <summary>Gets what is told of each block that was fetched and is kept; not in memory, which lets go of it by itself.</summary>
    public Action<Cid>? Stored { get; init; }

    /// <summary>Gets whether the store goes on using the memory of blocks that it was given.</summary>
    public bool KeepsData { get; } = store.KeepsData;

    /// <summary>Reads blocks in the order asked; what is missing, or is corrupt, is null.</summary>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> LoadAsync(IReadOnlyList<Cid> cids, CancellationToken cancellationToken) =>
        ForEachAsync(cids, verified.GetAsync, null, cancellationToken);

    /// <summary>Returns the sizes in the order asked; -1 for what is missing.</summary>
    public ValueTask<IReadOnlyList<int>> CheckAsync(IReadOnlyList<Cid> cids, CancellationToken cancellationToken) =>
        ForEachAsync(cids, SizeAsync, -1, cancellationToken);

    /// <summary>Writes a block; null, or what went wrong.</summary>
    public ValueTask<string?> StoreAsync(Block block, CancellationToken cancellationToken)
    {
        gate.Add(block.Data.Length);
        if (_memory is not null)
        {
            return PutAsync(block, cancellationToken);
        }

        return new ValueTask<string?>(Task.Run(
            async () =>
            {
                SemaphoreSlim slots = store is FlatFileBlockstore { Quota: not null } ? _writeSlots : _slots;
                await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    return await PutAsync(block, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    slots.Release();
                }
            },
            cancellationToken));
    }

    /// <summary>Returns why a fetched block is not in the store, that has no room for it; null where it is there. Asked once.</summary>
    public BitswapException? TakeRefusal(Cid cid) => !_refused.IsEmpty && _refused.TryRemove(cid.Hash, out BitswapException? refusal) ? refusal : null;

    /// <summary>Keeps a fetched block that belongs into the store; null, or why it cannot be kept.</summary>
    public BitswapException? Keep(Block block)
    {
        try
        {
            _memory?.Put(block.Cid, block.Data);
            return null;
        }
        catch (BitswapException full) when (full.ErrorId == NodeErrorIds.StoreFull)
        {
            log.StoreWriteFailed(block.Cid, full.Message);
            return full;
        }
    }

    /// <summary>A fetched block goes where it belongs, and need not be held for long.</summary>
    public void Pass(Cid cid) => _memory?.Pass(cid);

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _writeSlots.Dispose();
    }

    private async ValueTask<string?> PutAsync(Block block, CancellationToken cancellationToken)
    {
        try
        {
            await guard.NotePutAsync(block.Cid).ConfigureAwait(false);
            if (_memory is not null)
            {
                // Who wants it gets it also where there is no room to hold it.
                _memory.PutFetched(block.Cid, block.Data);
            }
            else
            {
                await BoundAsync(store.PutAsync(block.Cid, block.Data, cancellationToken), cancellationToken).ConfigureAwait(false);
                Stored?.Invoke(block.Cid);
            }

            verified.Forget(block.Cid);
            return null;
        }
        catch (BitswapException full) when (full.ErrorId == NodeErrorIds.StoreFull && store is FlatFileBlockstore)
        {
            // Who writes it elsewhere gets it all the same; who wants it stored is told.
            log.StoreWriteFailed(block.Cid, full.Message);
            if (_refused.Count >= MaxRefused)
            {
                _refused.Clear();
            }

            _refused[block.Cid.Hash] = full;
            return null;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // A store may be anyone's code: whatever it throws is the want's end, not the node's.
            log.StoreWriteFailed(block.Cid, failure.Message);
            return failure.Message;
        }
        finally
        {
            gate.Release(block.Data.Length);
        }
    }

    private async ValueTask BoundAsync(ValueTask call, CancellationToken cancellationToken)
    {
        if (call.IsCompleted)
        {
            await call.ConfigureAwait(false);
            return;
        }

        try
        {
            await call.AsTask().WaitAsync(bounds.Timeout, bounds.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Late();
        }
    }

    private async ValueTask<T> BoundAsync<T>(ValueTask<T> call, CancellationToken cancellationToken)
    {
        if (call.IsCompleted)
        {
            return await call.ConfigureAwait(false);
        }

        try
        {
            return await call.AsTask().WaitAsync(bounds.Timeout, bounds.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Late();
        }
    }

    private TimeoutException Late() => new($"The store did not answer within {nameof(NodeOptions.StoreTimeout)} ({bounds.Timeout}).");

    private async ValueTask<int> SizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        long? size = await verified.SizeAsync(cid, cancellationToken).ConfigureAwait(false);
        return size is { } known ? (int)Math.Min(known, int.MaxValue) : -1;
    }

    private ValueTask<IReadOnlyList<T>> ForEachAsync<T>(
        IReadOnlyList<Cid> cids, Func<Cid, CancellationToken, ValueTask<T>> ask, T missing, CancellationToken cancellationToken)
    {
        T[] answers = new T[cids.Count];
        if (_memory is null)
        {
            return new ValueTask<IReadOnlyList<T>>(Task.Run(() => AskAllAsync(cids, answers, ask, missing, cancellationToken), cancellationToken));
        }

        // Memory answers at once, and a hop to the pool and back would cost more than the look-up.
        for (int i = 0; i < answers.Length; i++)
        {
            ValueTask<T> answer = ask(cids[i], cancellationToken);
            answers[i] = answer.IsCompletedSuccessfully ? answer.Result : missing;
        }

        return ValueTask.FromResult<IReadOnlyList<T>>(answers);
    }

    private async Task<IReadOnlyList<T>> AskAllAsync<T>(
        IReadOnlyList<Cid> cids, T[] answers, Func<Cid, CancellationToken, ValueTask<T>> ask, T missing, CancellationToken cancellationToken)
    {
        await Parallel.ForAsync(
            0,
            answers.Length,
            new ParallelOptions { MaxDegreeOfParallelism = bounds.Parallelism, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                await _slots.WaitAsync(token).ConfigureAwait(false);
                try
                {
                    answers[i] = await BoundAsync(ask(cids[i], token), token).ConfigureAwait(false);
                }
                catch (BitswapException failure) when (failure.ErrorId == NodeErrorIds.StoreCorrupt)
                {
                    // Told when it was found; it is never served.
                    answers[i] = missing;
                }
                catch (Exception failure) when (!token.IsCancellationRequested)
                {
                    // A store that is anyone's code may throw anything: for the engine the block is not there.
                    log.StoreReadFailed(cids[i], failure.Message);
                    answers[i] = missing;
                }
                finally
                {
                    _slots.Release();
                }
            }).ConfigureAwait(false);
        return answers;
    }
}

/// <summary>The bounds of the calls of a store.</summary>
/// <param name="Parallelism">Calls at once.</param>
/// <param name="Timeout">The time of one.</param>
/// <param name="Clock">By which clock.</param>
internal sealed record StoreBounds(int Parallelism, TimeSpan Timeout, TimeProvider Clock);
