using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Providing;
using Bitswap.Node.Repositories;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Providing;

/// <summary>What a node announces when, on a clock that the tests move.</summary>
public sealed class SweepProviderTests : IDisposable
{
    private const int Blocks = 2000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _interval = TimeSpan.FromHours(22);
    private static readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(_start);
    private readonly MemoryBlockstore _store = new(64 << 20, 1 << 20);
    private readonly RootSet _roots = new();
    private readonly PinSet _pins;
    private readonly FakeDht _dht;
    private readonly List<Cid> _cids = [];

    public SweepProviderTests()
    {
        _pins = new PinSet(null, _clock);
        _dht = new FakeDht(_clock, new Random(1));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_stored_is_announced_a_minute_after_the_start_to_the_20_closest_peers_with_shared_lookups()
    {
        await FillAsync(Blocks);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromSeconds(59));
        Assert.Empty(_dht.Told);

        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));

        Assert.Equal(Blocks, _dht.Told.Count);
        foreach (Cid cid in _cids)
        {
            Assert.Equal(_dht.Closest(cid.Hash.Bytes).Select(peer => peer.Id).ToHashSet(), [.. _dht.Told[Convert.ToHexString(cid.Hash.Bytes)].Select(told => told.Peer)]);
        }

        ProvideStat stat = provider.Stat();
        Assert.Equal((Blocks, Blocks, 0, (long)_dht.Lookups, null), (stat.Blocks, stat.Announced, stat.Failed, stat.Lookups, stat.Failure));
        Assert.Equal((_clock.GetUtcNow(), _clock.GetUtcNow()), (stat.SweepStarted, stat.SweepEnded));
        Assert.InRange(_dht.Lookups, 1, (Blocks / 20) - 1);
        Assert.InRange(stat.Next - _clock.GetUtcNow(), _interval / 2, _interval);
    }

    [Fact]
    public async Task Each_block_is_announced_again_every_interval_and_the_traffic_is_even()
    {
        await FillAsync(Blocks);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        // past the time in which all have found their turn
        await AdvanceAsync(provider, _interval * 1.5, TimeSpan.FromMinutes(5));
        DateTimeOffset from = _clock.GetUtcNow();
        await AdvanceAsync(provider, _interval, TimeSpan.FromMinutes(5));

        Assert.Equal(Blocks, _dht.CountSince(from));
        foreach (Cid cid in _cids)
        {
            DateTimeOffset[] times = _dht.TimesOf(cid);
            Assert.All(times.Skip(1).Zip(times), pair => Assert.InRange(pair.First - pair.Second, _interval / 2 - TimeSpan.FromMinutes(10), _interval * 1.5 + TimeSpan.FromMinutes(10)));
        }

        int[] hours = [.. _cids.Select(cid => _dht.TimesOf(cid)[^1]).GroupBy(time => (int)(time - from).TotalHours).Select(group => group.Count())];
        Assert.InRange(hours.Length, 22, 23);
        Assert.All(hours.Where(hour => hour != hours.Min()), hour => Assert.InRange(hour, 1, 2 * Blocks / 22));
    }

    [Fact]
    public async Task What_is_new_is_announced_within_a_second_once()
    {
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(2));
        Assert.Empty(_dht.Told);
        await FillAsync(400, provider);
        Assert.Equal(400, provider.Stat().Waiting);

        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));

        Assert.Equal(400, _dht.Told.Count);
        Assert.All(_dht.Told.Values, told => Assert.Equal(20, told.Count));
        Assert.InRange(_dht.Lookups, 1, 40);
        await AdvanceAsync(provider, TimeSpan.FromHours(10), TimeSpan.FromMinutes(10));
        Assert.All(_cids, cid => Assert.Single(_dht.TimesOf(cid)));
        Assert.Equal(0, provider.Stat().Waiting);
    }

    [Fact]
    public async Task A_restart_after_an_hour_does_not_begin_anew_and_misses_nothing()
    {
        await FillAsync(Blocks);
        DateTimeOffset stopped;
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
            await AdvanceAsync(before, TimeSpan.FromHours(40), TimeSpan.FromMinutes(10));
            stopped = _clock.GetUtcNow();
        }

        int lookups = _dht.Lookups;
        _clock.Advance(TimeSpan.FromHours(1));
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        // what was due in that hour is caught up with, a 22nd of all and what shares its lookups; the rest has its turn as before
        Assert.InRange(_dht.CountSince(stopped), 1, Blocks / 8);
        Assert.InRange(_dht.Lookups - lookups, 1, 15);
        await AdvanceAsync(after, _interval, TimeSpan.FromMinutes(10));
        Assert.Equal(Blocks, _dht.CountSince(stopped));
        Assert.All(_cids, cid => Assert.InRange(_clock.GetUtcNow() - _dht.TimesOf(cid)[^1], TimeSpan.Zero, _interval + TimeSpan.FromHours(2)));
    }

    [Fact]
    public async Task A_restart_soon_after_everything_was_announced_announces_nothing()
    {
        await FillAsync(Blocks);
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
        }

        int lookups = _dht.Lookups;
        _clock.Advance(TimeSpan.FromHours(1));
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        Assert.Equal(lookups, _dht.Lookups);
        Assert.Equal((_start + TimeSpan.FromMinutes(1), _start + TimeSpan.FromMinutes(1)), (after.Stat().SweepStarted!.Value, after.Stat().SweepEnded!.Value));
    }

    [Fact]
    public async Task A_restart_after_30_hours_catches_up_at_once()
    {
        await FillAsync(Blocks);
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
            await AdvanceAsync(before, TimeSpan.FromHours(25), TimeSpan.FromMinutes(10));
        }

        _clock.Advance(TimeSpan.FromHours(30));
        DateTimeOffset restarted = _clock.GetUtcNow();
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        // but for those whose turn was an interval and a half before theirs comes
        Assert.InRange(_dht.CountSince(restarted), Blocks * 9 / 10, Blocks);
        Assert.All(_cids, cid => Assert.InRange(_clock.GetUtcNow() - _dht.TimesOf(cid)[^1], TimeSpan.Zero, _interval * 1.5));
    }

    [Fact]
    public async Task A_machine_that_slept_catches_up_within_an_hour()
    {
        await FillAsync(300);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        _clock.Advance(TimeSpan.FromHours(48));
        DateTimeOffset awake = _clock.GetUtcNow();
        await provider.WhenIdleAsync().WaitAsync(_patience);
        await AdvanceAsync(provider, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.Equal(300, _dht.CountSince(awake));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":1,"strategy":"All","epoch":"2026-01-02T03:04:05.0000000+00:00","announced":[1,2]}""")]
    [InlineData("""{"version":1,"strategy":"Roots","epoch":"2026-01-02T03:04:05.0000000+00:00","announced":[]}""")]
    public async Task Where_the_file_does_not_say_what_was_announced_everything_is(string content)
    {
        await FillAsync(300);
        File.WriteAllText(Path.Combine(_folder.Path, ProvideState.FileName), content);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal(300, _dht.Told.Count);
    }

    [Fact]
    public async Task Times_of_the_future_count_for_nothing()
    {
        await FillAsync(300);
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
        }

        FakeTimeProvider earlier = new(_start - TimeSpan.FromDays(300));
        FakeDht dht = new(earlier, new Random(1));
        await using SweepProvider provider = Create(dht: dht, clock: earlier);
        earlier.Advance(TimeSpan.FromMinutes(1));
        await provider.WhenIdleAsync().WaitAsync(_patience);

        Assert.Equal(300, dht.Told.Count);
    }

    [Fact]
    public async Task What_fails_is_told_and_tried_again_after_a_time_that_doubles()
    {
        await FillAsync(300);
        _dht.IsDown = true;
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        Assert.Equal(("The DHT is away.", 1), (provider.Stat().Failure, _dht.Lookups));
        foreach ((int lookups, int minutes) in new[] { (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30) })
        {
            await AdvanceAsync(provider, TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            Assert.Equal(lookups, _dht.Lookups);
            await AdvanceAsync(provider, TimeSpan.FromSeconds(1));
            Assert.Equal(lookups + 1, _dht.Lookups);
        }

        _dht.IsDown = false;
        await AdvanceAsync(provider, TimeSpan.FromMinutes(30));
        Assert.Equal(300, _dht.Told.Count);
        Assert.Null(provider.Stat().Failure);
    }

    [Fact]
    public async Task Where_no_peer_takes_anything_it_is_a_failure_after_a_few_lookups_and_nothing_counts_as_announced()
    {
        await FillAsync(Blocks);
        _dht.Refusal = "no address reaches as far";
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        ProvideStat stat = provider.Stat();
        Assert.Equal(("no address reaches as far", 0), (stat.Failure, stat.Announced));
        Assert.InRange(_dht.Lookups, 1, 8);
        Assert.InRange(stat.Failed, 1, Blocks / 4);
        _dht.Refusal = null;
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        Assert.Equal(Blocks, _dht.Told.Count);
    }

    [Fact]
    public async Task What_was_new_and_failed_is_due_again_with_the_rest()
    {
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(2));
        _dht.IsDown = true;
        await FillAsync(50, provider);
        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));
        Assert.NotNull(provider.Stat().Failure);
        _dht.IsDown = false;

        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal(50, _dht.Told.Count);
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

        Assert.Equal(300, _dht.Told.Count);
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        Assert.Single(_dht.TimesOf(_cids[^1]));
        Assert.Equal(301, _dht.Told.Count);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_peers_and_what_was_under_way_is_due_after_it()
    {
        _dht.Gate = new TaskCompletionSource().Task;
        await using (SweepProvider before = Create(streams: 7))
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
            await FillAsync(100, before);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Poll.UntilAsync(() => _dht.MostTelling == 7, "as many peers are told as may be");
            await before.DisposeAsync().AsTask().WaitAsync(_patience);
        }

        Assert.Equal(7, _dht.MostTelling);
        _dht.Gate = Task.CompletedTask;
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));
        Assert.Equal(100, _dht.Told.Count);
    }

    [Fact]
    public async Task A_peer_that_hangs_is_given_up_after_two_minutes()
    {
        _dht.Gate = new TaskCompletionSource().Task;
        await using SweepProvider provider = Create();
        await FillAsync(1, provider);
        bool isLooked = false;
        _dht.LookingUp = () => Volatile.Write(ref isLooked, true);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Poll.UntilAsync(() => _dht.MostTelling == 20, "all peers of the block are told");

        _clock.Advance(TimeSpan.FromMinutes(2));
        await provider.WhenIdleAsync().WaitAsync(_patience);

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

        Assert.Equal(SweepProvider.MaxNewBlocks + 100, _dht.Told.Count);
        Assert.Equal(0, provider.Stat().Waiting);
    }

    [Fact]
    public async Task More_blocks_than_are_allowed_are_left_out_and_counted()
    {
        await FillAsync(300);
        await using SweepProvider provider = Create(maxKeys: 100);
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal((100, 200, 100), (provider.Stat().Blocks, provider.Stat().LeftOut, _dht.Told.Count));
    }

    [Fact]
    public async Task What_was_removed_is_not_announced_any_more()
    {
        await FillAsync(300);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        DateTimeOffset removed = _clock.GetUtcNow() + TimeSpan.FromHours(2);
        Assert.True(await _store.RemoveAsync(_cids[0], CancellationToken.None));

        await AdvanceAsync(provider, _interval * 1.6, TimeSpan.FromMinutes(10));

        Assert.Single(_dht.TimesOf(_cids[0]));
        Assert.Equal(299, _dht.CountSince(removed));
    }

    [Fact]
    public async Task A_store_that_fails_is_a_failure_that_passes()
    {
        await FillAsync(10);
        FailingStore store = new(_store) { IsFailing = true };
        await using SweepProvider provider = Create(store: store);
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));
        Assert.Equal("The disk is on fire.", provider.Stat().Failure);
        store.IsFailing = false;

        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal(10, _dht.Told.Count);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_store_that_hangs()
    {
        using ManualResetEventSlim gate = new();
        TaskCompletionSource listing = new();
        FailingStore store = new(_store)
        {
            Listing = () =>
            {
                listing.SetResult();
                gate.Wait(_patience);
            },
        };
        await using SweepProvider provider = Create(store: store);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await listing.Task.WaitAsync(_patience);

        await provider.DisposeAsync().AsTask().WaitAsync(_patience);
        Assert.False(gate.IsSet);
        gate.Set();
    }

    private async Task FillAsync(int count, SweepProvider? announceTo = null, int size = 40)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] data = new byte[size];
            BitConverter.TryWriteBytes(data, _cids.Count);
            Cid cid = Cid.Compute(Multicodec.Raw, data);
            _cids.Add(cid);
            await _store.PutAsync(cid, data, CancellationToken.None);
            announceTo?.Announce(cid.Hash);
        }
    }

    private async Task AdvanceAsync(SweepProvider provider, TimeSpan time, TimeSpan? step = null)
    {
        TimeSpan each = step ?? time;
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += each)
        {
            _clock.Advance(each);
            await provider.WhenIdleAsync().WaitAsync(_patience);
        }
    }

    private SweepProvider Create(int streams = 32, int maxKeys = 1 << 20, FakeDht? dht = null, TimeProvider? clock = null, IBlockstore? store = null)
    {
        RoutingOptions options = new() { Provide = ProvideStrategy.All, ProvideInterval = _interval, MaxProvideStreams = streams, MaxProvideKeys = maxKeys };
        clock ??= _clock;
        ProvidedBlocks blocks = new(options.Provide, store ?? _store, _pins, _roots, (_, _) => throw new InvalidOperationException("no block is read"), options.MaxProvideKeys);
        return new SweepProvider(dht ?? _dht, blocks, new ProvideState(_folder.Path, options.Provide, clock.GetUtcNow(), NullLogger.Instance), options, clock, NullLogger.Instance);
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
