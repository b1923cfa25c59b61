using Bitswap.Node.Blockstores;
using Bitswap.Node.Collecting;
using Bitswap.Node.Core;
using Bitswap.Node.Repositories;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Collecting;

/// <summary>When a collection begins, how it ends, and what waits for it; on a clock of its own.</summary>
public sealed class StoreCollectorTests : IAsyncLifetime
{
    private const int Size = 1000;
    private const int Max = 10 * Size;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _log = [];
    private readonly GcLocker _guard = new();
    private readonly Block[] _blocks = Samples.Blocks(10, Size);
    private readonly Block _more = Samples.Block(99, Size);
    private PinSet _pins = null!;
    private FlatFileBlockstore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _pins = new PinSet(null, _clock);
        _store = new FlatFileBlockstore(_folder["blocks"], new FlatFileOptions { Quota = new StoreQuota(Max, 90, 70) });
        foreach (Block block in _blocks)
        {
            await _store.PutAsync(block.Cid, block.Data, default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_never_fits_is_refused_although_other_work_ends_all_the_time()
    {
        await PinAsync(_blocks);
        Release(_more);

        // each time that the pins are looked at, other work ends
        await using StoreCollector collector = Open(onSize: () => Release(_more));
        await Poll.UntilAsync(() => collector.Stat.Failure is not null);
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(() => PutAsync());
        Assert.Equal("StoreFull", full.ErrorId);
        Assert.Contains("Remove-BitswapPin", full.Remedy, StringComparison.Ordinal);
        Assert.InRange(collector.Stat.Collections, 1, 2);
    }

    [Fact]
    public async Task Collections_that_remove_nothing_are_ever_farther_apart_until_a_pin_goes()
    {
        await PinAsync(_blocks[..8]);
        using GcLock held = new(_guard, null);
        await held.NotePutAsync(_blocks[8].Cid);
        await held.NotePutAsync(_blocks[9].Cid);
        await using StoreCollector collector = Open(onSize: () => Release(_more));
        Task<BitswapException> refused = Assert.ThrowsAsync<BitswapException>(() => PutAsync());

        // work that ended while the first went on may have kept what it passed over; after the second it is refused all the same
        await ReachAsync(collector, 1);
        Assert.False(refused.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await ReachAsync(collector, 2);
        BitswapException full = await refused.WaitAsync(_patience);
        Assert.Equal("StoreFull", full.ErrorId);

        foreach (int pause in new[] { 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000 })
        {
            StorageStat before = collector.Stat;
            Release(_more);
            _clock.Advance(TimeSpan.FromMilliseconds(pause - 1));
            await Poll.UntilAsync(() =>
            {
                Release(_more);
                _clock.Advance(TimeSpan.FromMilliseconds(1));
                return collector.Stat.Collections > before.Collections;
            });
            Assert.Equal(before.Collections + 1, collector.Stat.Collections);
            Assert.True(collector.Stat.LastCollection - before.LastCollection >= TimeSpan.FromMilliseconds(pause), $"after {pause} ms");
        }

        // a pin that goes ends the pause
        Release(_more);
        Assert.True(await _pins.RemoveAsync(_blocks[0].Cid));
        collector.Retry();
        await PutAsync();
        Assert.Null(await _store.GetSizeAsync(_blocks[0].Cid, default));
    }

    [Fact]
    public async Task A_node_that_stops_in_the_middle_of_a_collection_has_not_failed()
    {
        TaskCompletionSource begun = new();
        await using (StoreCollector collector = Open(remove: (_, _) =>
        {
            begun.TrySetResult();
            throw NodeErrors.Stopped();
        }))
        {
            await begun.Task.WaitAsync(_patience);
            BitswapException stopped = await Assert.ThrowsAsync<BitswapException>(() => PutAsync());
            Assert.Equal("NodeStopped", stopped.ErrorId);
            Assert.Null(collector.Stat.Failure);
        }

        Assert.Empty(_log);
    }

    [Fact]
    public async Task What_waits_for_room_keeps_no_other_from_reading()
    {
        VerifiedStore verified = new(_store, 16, (_, _) => { });
        using StoreWorker worker = new(
            _store, verified, new StoreBounds(1, _patience, TimeProvider.System), new ByteGate(1 << 20), _guard, new ListLoggerFactory(_log));
        using CancellationTokenSource end = new();
        Task<string?> waiting = worker.StoreAsync(_more, end.Token).AsTask();
        await Poll.UntilAsync(() => !_store.Quota!.TryReserve(0));
        IReadOnlyList<ReadOnlyMemory<byte>?> read = await worker.LoadAsync([_blocks[0].Cid], default).AsTask().WaitAsync(_patience);
        Assert.Equal(_blocks[0].Data.ToArray(), read[0]!.Value.ToArray());
        Assert.False(waiting.IsCompleted);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static Task ReachAsync(StoreCollector collector, int collections) => Poll.UntilAsync(() => collector.Stat.Collections >= collections);

    // a work that kept a block, and ends
    private void Release(Block block)
    {
        using GcLock work = new(_guard, null);
        Assert.True(work.NotePutAsync(block.Cid).AsTask().IsCompletedSuccessfully);
    }

    private async Task PinAsync(IEnumerable<Block> blocks) => await _pins.AddAsync([.. blocks.Select(block => block.Cid)], recursive: true, null, default);

    private Task PutAsync() => _store.PutAsync(_more.Cid, _more.Data, default).AsTask().WaitAsync(_patience);

    private StoreCollector Open(Action? onSize = null, Func<Cid, CancellationToken, ValueTask<bool>>? remove = null)
    {
        ListLoggerFactory log = new(_log);
        PinnedBlocks pinned = new(
            _pins,
            async (cid, token) => (await _store.GetAsync(cid, token))!.Value,
            (cid, token) =>
            {
                onSize?.Invoke();
                return _store.GetSizeAsync(cid, token);
            });
        return new StoreCollector(_store, pinned, new AddedBlocks(_folder[AddedBlocks.FileName], log), _guard, remove ?? _store.RemoveAsync, _clock, log);
    }
}
