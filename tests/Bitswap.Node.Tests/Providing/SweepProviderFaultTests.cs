using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Providing;
using Bitswap.Node.Repositories;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Providing;

/// <summary>What becomes of announcements when peers, the store or the node itself fail or stop.</summary>
public sealed class SweepProviderFaultTests : SweepProviderBench
{
    [Fact]
    public async Task What_fails_is_told_and_tried_again_after_a_time_that_doubles()
    {
        await FillAsync(300);
        Dht.IsDown = true;
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        Assert.Equal(("The DHT is away.", 1), (provider.Stat().Failure, Dht.Lookups));
        foreach ((int lookups, int minutes) in new[] { (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30) })
        {
            await AdvanceAsync(provider, TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            Assert.Equal(lookups, Dht.Lookups);
            await AdvanceAsync(provider, TimeSpan.FromSeconds(1));
            Assert.Equal(lookups + 1, Dht.Lookups);
        }

        Dht.IsDown = false;
        await AdvanceAsync(provider, TimeSpan.FromMinutes(30));
        Assert.Equal(300, Dht.Told.Count);
        Assert.Null(provider.Stat().Failure);
    }

    [Fact]
    public async Task Where_no_peer_takes_anything_it_is_a_failure_after_a_few_lookups_and_nothing_counts_as_announced()
    {
        await FillAsync(Blocks);
        Dht.Refusal = "no address reaches as far";
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        ProvideStat stat = provider.Stat();
        Assert.Equal(("no address reaches as far", 0), (stat.Failure, stat.Announced));
        Assert.InRange(Dht.Lookups, 1, 8);
        Assert.InRange(stat.Failed, 1, Blocks / 4);
        Dht.Refusal = null;
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        Assert.Equal(Blocks, Dht.Told.Count);
    }

    [Fact]
    public async Task What_was_new_and_failed_is_due_again_with_the_rest()
    {
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(2));
        Dht.IsDown = true;
        await FillAsync(50, provider);
        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));
        Assert.NotNull(provider.Stat().Failure);
        Dht.IsDown = false;

        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal(50, Dht.Told.Count);
    }

    [Fact]
    public async Task What_waits_when_the_node_stops_is_announced_when_it_is_started_again()
    {
        await FillAsync(300);
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
            await FillAsync(1, before);
        }

        Assert.Equal(300, Dht.Told.Count);
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        Assert.Single(Dht.TimesOf(Cids[^1]));
        Assert.Equal(301, Dht.Told.Count);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_peers_and_what_was_under_way_is_due_after_it()
    {
        Dht.Gate = new TaskCompletionSource().Task;
        await using (SweepProvider before = Create(streams: 7))
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
            await FillAsync(100, before);
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Poll.UntilAsync(() => Dht.MostTelling == 7, "as many peers are told as may be");
            await before.DisposeAsync().AsTask().WaitAsync(Patience);
        }

        Assert.Equal(7, Dht.MostTelling);
        Dht.Gate = Task.CompletedTask;
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));
        Assert.Equal(100, Dht.Told.Count);
    }

    [Fact]
    public async Task A_peer_that_hangs_is_given_up_after_two_minutes()
    {
        Dht.Gate = new TaskCompletionSource().Task;
        await using SweepProvider provider = Create();
        await FillAsync(1, provider);
        bool isLooked = false;
        Dht.LookingUp = () => Volatile.Write(ref isLooked, true);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Poll.UntilAsync(() => Dht.MostTelling == 20, "all peers of the block are told");

        Clock.Advance(TimeSpan.FromMinutes(2));
        await provider.WhenIdleAsync().WaitAsync(Patience);

        Assert.True(isLooked);
        Assert.Contains("within 00:02:00", provider.Stat().Failure, StringComparison.Ordinal);
        Assert.Equal(1, provider.Stat().Failed);
    }

    [Fact]
    public async Task Of_more_new_blocks_than_may_wait_the_rest_comes_with_the_parts_that_it_is_in()
    {
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(2));
        await FillAsync(SweepProvider.MaxNewBlocks + 100, provider, size: 8);
        Assert.Equal(SweepProvider.MaxNewBlocks, provider.Stat().Waiting);

        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));

        Assert.Equal(SweepProvider.MaxNewBlocks + 100, Dht.Told.Count);
        Assert.Equal(0, provider.Stat().Waiting);
    }

    [Fact]
    public async Task More_blocks_than_are_allowed_are_left_out_and_counted()
    {
        await FillAsync(300);
        await using SweepProvider provider = Create(maxKeys: 100);
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal((100, 200, 100), (provider.Stat().Blocks, provider.Stat().LeftOut, Dht.Told.Count));
    }

    [Fact]
    public async Task What_was_removed_is_not_announced_any_more()
    {
        await FillAsync(300);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        DateTimeOffset removed = Clock.GetUtcNow() + TimeSpan.FromHours(2);
        Assert.True(await Store.RemoveAsync(Cids[0], CancellationToken.None));

        await AdvanceAsync(provider, Interval * 1.6, TimeSpan.FromMinutes(10));

        Assert.Single(Dht.TimesOf(Cids[0]));
        Assert.Equal(299, Dht.CountSince(removed));
    }

    [Fact]
    public async Task A_store_that_fails_is_a_failure_that_passes()
    {
        await FillAsync(10);
        FailingStore store = new(Store) { IsFailing = true };
        await using SweepProvider provider = Create(store: store);
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        Assert.Equal("The disk is on fire.", provider.Stat().Failure);
        store.IsFailing = false;

        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal(10, Dht.Told.Count);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_store_that_hangs()
    {
        using ManualResetEventSlim gate = new();
        TaskCompletionSource listing = new();
        FailingStore store = new(Store)
        {
            Listing = () =>
            {
                listing.SetResult();
                gate.Wait(Patience);
            },
        };
        await using SweepProvider provider = Create(store: store);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await listing.Task.WaitAsync(Patience);

        await provider.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.False(gate.IsSet);
        gate.Set();
    }

    private sealed class FailingStore(IBlockstore store) : IBlockstore
    {
        public bool IsFailing { get; set; }

        public Action Listing { get; init; } = () => { };

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken) => store.GetAsync(cid, cancellationToken);

        public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => store.GetSizeAsync(cid, cancellationToken);

        public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => store.PutAsync(cid, data, cancellationToken);

        public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => store.RemoveAsync(cid, cancellationToken);

        public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken)
        {
            Listing();
            return IsFailing ? throw new InvalidOperationException("The disk is on fire.") : store.ListAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
