using Bitswap.Node.Names;
using Bitswap.Node.Repositories;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Names;

public sealed class NameRepublisherTests : IDisposable
{
    private const string Value = "/ipfs/bafkqaaa";
    private static readonly TimeSpan _interval = TimeSpan.FromHours(4);
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(48);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly FakeRouting _router = new();
    private readonly KeyStore _keys;

    public NameRepublisherTests() => _keys = new KeyStore(null, NameRecords.Key(1), _clock);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_name_is_published_again_each_interval_with_the_same_value_and_a_new_time()
    {
        await using Parts parts = Create();
        await PublishAsync(parts);
        for (int round = 1; round <= 3; round++)
        {
            await AdvanceAsync(parts, _interval - TimeSpan.FromSeconds(1));
            await SettleAsync(parts);
            Assert.Equal(round, _router.Puts.Count);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(parts, () => _router.Puts.Count == round + 1 && parts.Published.Find(Name)!.Published == _clock.GetUtcNow());
            IpnsRecord last = _router.Puts[^1];
            Assert.Equal((Value, 0UL, _clock.GetUtcNow() + _lifetime), (last.Value, last.Sequence, last.Validity.Utc));
        }
    }

    [Fact]
    public async Task A_short_lifetime_is_renewed_at_half_of_it()
    {
        await using Parts parts = Create();
        await parts.Publisher.PublishAsync("self", Value, TimeSpan.FromHours(1), TimeSpan.Zero, null, CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(30));
        await UntilAsync(parts, () => _router.Puts.Count == 2);
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromHours(1), _router.Puts[1].Validity.Utc);
    }

    [Fact]
    public async Task What_was_due_while_the_node_was_stopped_is_published_a_minute_after_it_starts()
    {
        await using (Parts before = Create())
        {
            await PublishAsync(before);
        }

        // expired meanwhile
        _clock.Advance(TimeSpan.FromDays(3));
        Assert.Single(_router.Puts);
        await using Parts after = Create();
        _clock.Advance(TimeSpan.FromSeconds(59));
        await SettleAsync(after);
        Assert.Single(_router.Puts);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(after, () => _router.Puts.Count == 2);
        Assert.Equal((0UL, _clock.GetUtcNow() + _lifetime), (_router.Puts[1].Sequence, _router.Puts[1].Validity.Utc));
    }

    [Fact]
    public async Task A_failure_is_kept_to_be_seen_and_tried_again_in_a_time_that_doubles()
    {
        await using Parts parts = Create();
        await PublishAsync(parts);
        DateTimeOffset published = _clock.GetUtcNow();
        _router.Refusal = "It is full.";
        await AdvanceAsync(parts, _interval);
        await UntilAsync(parts, () => parts.Published.Find(Name)!.Failures == 1);
        Assert.Equal(("It is full.", published), (parts.Published.Find(Name)!.Failure, parts.Published.Find(Name)!.Published));
        foreach ((int failures, int minutes) in new[] { (1, 5), (2, 10), (3, 20) })
        {
            _clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            await SettleAsync(parts);
            Assert.Equal(failures, parts.Published.Find(Name)!.Failures);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(parts, () => parts.Published.Find(Name)!.Failures == failures + 1);
        }

        _router.Refusal = null;
        _clock.Advance(TimeSpan.FromMinutes(40));
        await UntilAsync(parts, () => parts.Published.Find(Name)!.Failures == 0);
        Assert.Equal((null, _clock.GetUtcNow()), (parts.Published.Find(Name)!.Failure, parts.Published.Find(Name)!.Published!.Value));
    }

    [Fact]
    public async Task A_name_without_its_key_is_a_failure_and_does_not_keep_others_from_being_published()
    {
        NamedKey gone = _keys.Create("gone");
        await using Parts parts = Create();
        await parts.Publisher.PublishAsync("gone", Value, _lifetime, TimeSpan.Zero, null, CancellationToken.None);
        await PublishAsync(parts);
        _keys.Remove("gone");
        await AdvanceAsync(parts, _interval);
        await UntilAsync(parts, () => _router.Puts.Count == 3 && parts.Published.Find(gone.Key.PeerId)!.Failures == 1);
        Assert.Equal(Name, _router.Puts[2].Name);
        Assert.Contains("key", parts.Published.Find(gone.Key.PeerId)!.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_few_are_published_at_once_and_a_stop_does_not_wait_for_them()
    {
        Parts parts = Create();
        await using Parts owned = parts;
        foreach (int i in Enumerable.Range(0, 9))
        {
            _keys.Create($"key{i}");
            await parts.Publisher.PublishAsync($"key{i}", Value, _lifetime, TimeSpan.Zero, null, CancellationToken.None);
        }

        int begun = 0;
        _router.Gate = new TaskCompletionSource().Task;
        _router.Putting = _ => Interlocked.Increment(ref begun);
        await AdvanceAsync(parts, _interval);

        // Two names may share a turn, and then one waits for the other.
        await Poll.UntilAsync(() => Volatile.Read(ref begun) >= 2);
        await parts.DisposeAsync().AsTask().WaitAsync(_patience);
        Assert.InRange(begun, 2, 4);
    }

    private PeerId Name { get; } = NameRecords.Key(1).PeerId;

    private static Task PublishAsync(Parts parts) => parts.Publisher.PublishAsync("self", Value, _lifetime, TimeSpan.FromMinutes(5), null, CancellationToken.None).WaitAsync(_patience);

    // hour by hour, as the republisher looks at what is due; what is due at the end may be under way
    private async Task AdvanceAsync(Parts parts, TimeSpan time)
    {
        for (; time > TimeSpan.FromHours(1); time -= TimeSpan.FromHours(1))
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await SettleAsync(parts);
        }

        _clock.Advance(time);
    }

    private static Task SettleAsync(Parts parts) => parts.Republisher.WhenIdleAsync().WaitAsync(_patience);

    // what is due is published in one run, which has begun when the clock was advanced
    private static async Task UntilAsync(Parts parts, Func<bool> isSo)
    {
        await SettleAsync(parts);
        Assert.True(isSo());
    }

    private Parts Create()
    {
        RoutingOptions options = new() { NameRepublishInterval = _interval };
        PublishedNames published = new(_folder.Path, isReadOnly: false, NullLogger.Instance);
        NamePublisher publisher = new(_keys, published, new NameResolver(options, _clock, () => [_router]), () => ([_router], [_router]), options, _clock);
        return new Parts(published, publisher, new NameRepublisher(_keys, published, publisher, _interval, _clock, NullLogger.Instance));
    }

    private sealed record Parts(PublishedNames Published, NamePublisher Publisher, NameRepublisher Republisher) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Republisher.DisposeAsync();
    }
}
