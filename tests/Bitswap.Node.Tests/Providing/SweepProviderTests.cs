using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Providing;
using Bitswap.Node.Repositories;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Providing;

/// <summary>What a node announces when, on a clock that the tests move.</summary>
public sealed class SweepProviderTests : SweepProviderBench
{
    [Fact]
    public async Task What_is_stored_is_announced_a_minute_after_the_start_to_the_20_closest_peers_with_shared_lookups()
    {
        await FillAsync(Blocks);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromSeconds(59));
        Assert.Empty(Dht.Told);

        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));

        Assert.Equal(Blocks, Dht.Told.Count);
        foreach (Cid cid in Cids)
        {
            Assert.Equal(Dht.Closest(cid.Hash.Bytes).Select(peer => peer.Id).ToHashSet(), [.. Dht.Told[Convert.ToHexString(cid.Hash.Bytes)].Select(told => told.Peer)]);
        }

        ProvideStat stat = provider.Stat();
        Assert.Equal((Blocks, Blocks, 0, (long)Dht.Lookups, null), (stat.Blocks, stat.Announced, stat.Failed, stat.Lookups, stat.Failure));
        Assert.Equal((Clock.GetUtcNow(), Clock.GetUtcNow()), (stat.SweepStarted, stat.SweepEnded));
        Assert.InRange(Dht.Lookups, 1, (Blocks / 20) - 1);
        Assert.InRange(stat.Next - Clock.GetUtcNow(), Interval / 2, Interval);
    }

    [Fact]
    public async Task Each_block_is_announced_again_every_interval_and_the_traffic_is_even()
    {
        await FillAsync(Blocks);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        // past the time in which all have found their turn
        await AdvanceAsync(provider, Interval * 1.5, TimeSpan.FromMinutes(5));
        DateTimeOffset from = Clock.GetUtcNow();
        await AdvanceAsync(provider, Interval, TimeSpan.FromMinutes(5));

        Assert.Equal(Blocks, Dht.CountSince(from));
        foreach (Cid cid in Cids)
        {
            DateTimeOffset[] times = Dht.TimesOf(cid);
            Assert.All(times.Skip(1).Zip(times), pair => Assert.InRange(pair.First - pair.Second, Interval / 2 - TimeSpan.FromMinutes(10), Interval * 1.5 + TimeSpan.FromMinutes(10)));
        }

        int[] hours = [.. Cids.Select(cid => Dht.TimesOf(cid)[^1]).GroupBy(time => (int)(time - from).TotalHours).Select(group => group.Count())];
        Assert.InRange(hours.Length, 22, 23);
        Assert.All(hours.Where(hour => hour != hours.Min()), hour => Assert.InRange(hour, 1, 2 * Blocks / 22));
    }

    [Fact]
    public async Task What_is_new_is_announced_within_a_second_once()
    {
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(2));
        Assert.Empty(Dht.Told);
        await FillAsync(400, provider);
        Assert.Equal(400, provider.Stat().Waiting);

        await AdvanceAsync(provider, TimeSpan.FromSeconds(1));

        Assert.Equal(400, Dht.Told.Count);
        Assert.All(Dht.Told.Values, told => Assert.Equal(20, told.Count));
        Assert.InRange(Dht.Lookups, 1, 40);
        await AdvanceAsync(provider, TimeSpan.FromHours(10), TimeSpan.FromMinutes(10));
        Assert.All(Cids, cid => Assert.Single(Dht.TimesOf(cid)));
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
            stopped = Clock.GetUtcNow();
        }

        int lookups = Dht.Lookups;
        Clock.Advance(TimeSpan.FromHours(1));
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        // what was due in that hour is caught up with, a 22nd of all and what shares its lookups; the rest has its turn as before
        Assert.InRange(Dht.CountSince(stopped), 1, Blocks / 8);
        Assert.InRange(Dht.Lookups - lookups, 1, 15);
        await AdvanceAsync(after, Interval, TimeSpan.FromMinutes(10));
        Assert.Equal(Blocks, Dht.CountSince(stopped));
        Assert.All(Cids, cid => Assert.InRange(Clock.GetUtcNow() - Dht.TimesOf(cid)[^1], TimeSpan.Zero, Interval + TimeSpan.FromHours(2)));
    }

    [Fact]
    public async Task A_restart_soon_after_everything_was_announced_announces_nothing()
    {
        await FillAsync(Blocks);
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
        }

        int lookups = Dht.Lookups;
        Clock.Advance(TimeSpan.FromHours(1));
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        Assert.Equal(lookups, Dht.Lookups);
        Assert.Equal((Start + TimeSpan.FromMinutes(1), Start + TimeSpan.FromMinutes(1)), (after.Stat().SweepStarted!.Value, after.Stat().SweepEnded!.Value));
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

        Clock.Advance(TimeSpan.FromHours(30));
        DateTimeOffset restarted = Clock.GetUtcNow();
        await using SweepProvider after = Create();
        await AdvanceAsync(after, TimeSpan.FromMinutes(1));

        // but for those whose turn was an interval and a half before theirs comes
        Assert.InRange(Dht.CountSince(restarted), Blocks * 9 / 10, Blocks);
        Assert.All(Cids, cid => Assert.InRange(Clock.GetUtcNow() - Dht.TimesOf(cid)[^1], TimeSpan.Zero, Interval * 1.5));
    }

    [Fact]
    public async Task A_machine_that_slept_catches_up_within_an_hour()
    {
        await FillAsync(300);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Clock.Advance(TimeSpan.FromHours(48));
        DateTimeOffset awake = Clock.GetUtcNow();
        await provider.WhenIdleAsync().WaitAsync(Patience);
        await AdvanceAsync(provider, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.Equal(300, Dht.CountSince(awake));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":1,"strategy":"All","epoch":"2026-01-02T03:04:05.0000000+00:00","announced":[1,2]}""")]
    [InlineData("""{"version":1,"strategy":"Roots","epoch":"2026-01-02T03:04:05.0000000+00:00","announced":[]}""")]
    public async Task Where_the_file_does_not_say_what_was_announced_everything_is(string content)
    {
        await FillAsync(300);
        File.WriteAllText(Path.Combine(Folder.Path, ProvideState.FileName), content);
        await using SweepProvider provider = Create();
        await AdvanceAsync(provider, TimeSpan.FromMinutes(1));

        Assert.Equal(300, Dht.Told.Count);
    }

    [Fact]
    public async Task Times_of_the_future_count_for_nothing()
    {
        await FillAsync(300);
        await using (SweepProvider before = Create())
        {
            await AdvanceAsync(before, TimeSpan.FromMinutes(1));
        }

        FakeTimeProvider earlier = new(Start - TimeSpan.FromDays(300));
        FakeDht dht = new(earlier, new Random(1));
        await using SweepProvider provider = Create(dht: dht, clock: earlier);
        earlier.Advance(TimeSpan.FromMinutes(1));
        await provider.WhenIdleAsync().WaitAsync(Patience);

        Assert.Equal(300, dht.Told.Count);
    }
}
