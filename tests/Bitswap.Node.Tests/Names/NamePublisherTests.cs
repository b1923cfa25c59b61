using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Names;
using Bitswap.Node.Repositories;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Names;

public sealed class NamePublisherTests : IDisposable
{
    private const string Value = "/ipfs/bafkqaaa";
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(48);
    private static readonly TimeSpan _ttl = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly PrivateKey _key = NameRecords.Key(1);
    private readonly FakeRouting _router = new();
    private readonly KeyStore _keys;
    private List<FakeRouting> _places;

    public NamePublisherTests()
    {
        _keys = new KeyStore(null, _key, _clock);
        _places = [_router];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_record_is_signed_kept_put_and_used()
    {
        (NamePublisher publisher, PublishedNames published, NameResolver resolver) = Create();

        Publication result = await PublishAsync(publisher, Value + "/a");

        Assert.Equal(("self", 0UL, Value + "/a", _clock.GetUtcNow() + _lifetime), (result.Key, result.Record.Sequence, result.Record.Value, result.Record.Validity.Utc));
        Assert.Equal(["the router"], result.Routers);
        Assert.Empty(result.Refusals);
        Assert.Equal(result.Record.Bytes, Assert.Single(_router.Puts).Bytes);
        Assert.Equal((_clock.GetUtcNow(), _lifetime), (published.Find(_key.PeerId)!.Published, published.Find(_key.PeerId)!.Lifetime));
        ResolvedName found = await resolver.ResolveAsync(new Bitswap.Dag.UnixFs.Read.NamePath(_key.PeerId.ToString(), []), new NameQuestion { IsLocal = true }, CancellationToken.None);
        Assert.Equal((Value + "/a", "this node", _ttl), (found.Text, found.Steps[0].Source, found.Ttl));
    }

    [Fact]
    public async Task The_sequence_is_one_higher_than_the_highest_that_is_kept_or_found()
    {
        (NamePublisher publisher, PublishedNames published, _) = Create();
        Assert.Equal(0UL, (await PublishAsync(publisher)).Record.Sequence);
        Assert.Equal(1UL, (await PublishAsync(publisher)).Record.Sequence);
        _router.Hold(NameRecords.Of(_key, "/ipfs/bafkqaaa/other", 41));
        Assert.Equal(42UL, (await PublishAsync(publisher)).Record.Sequence);

        // a source that is behind
        _router.Hold(NameRecords.Of(_key, "/ipfs/bafkqaaa/other", 3));
        Assert.Equal(43UL, (await PublishAsync(publisher)).Record.Sequence);
        published.Keep(new PublishedName(NameRecords.Of(_key, Value, ulong.MaxValue), _lifetime, null));
        Assert.Equal("InvalidNameRecord", (await Assert.ThrowsAsync<BitswapException>(() => PublishAsync(publisher))).ErrorId);
    }

    [Fact]
    public async Task Each_refusal_is_told_and_one_that_takes_it_is_enough()
    {
        _places = [_router, new FakeRouting { Name = "full", Refusal = "It is full." }, new FakeRouting { Name = "busy", Refusal = "It is busy." }];
        (NamePublisher publisher, _, _) = Create();
        Publication result = await PublishAsync(publisher);
        Assert.Equal(["the router"], result.Routers);
        Assert.Equal(["It is busy.", "It is full."], result.Refusals.Order());
    }

    [Fact]
    public async Task A_record_that_nobody_takes_is_kept_and_an_error_that_says_why()
    {
        _router.Refusal = "It is full.";
        (NamePublisher publisher, PublishedNames published, _) = Create();
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => PublishAsync(publisher));
        Assert.Equal("NameNotPublished", error.ErrorId);
        Assert.Contains("It is full. The record is kept, and the node tries again in 5 minutes.", error.Message, StringComparison.Ordinal);
        PublishedName kept = published.Find(_key.PeerId)!;
        Assert.Equal((null, 1, "It is full.", 0UL), (kept.Published, kept.Failures, kept.Failure, kept.Record.Sequence));
        _router.Refusal = null;
        Assert.Equal(1UL, (await PublishAsync(publisher)).Record.Sequence);
        Assert.Equal((0, null), (published.Find(_key.PeerId)!.Failures, published.Find(_key.PeerId)!.Failure));
    }

    [Fact]
    public async Task Without_a_place_to_publish_to_nothing_is_made()
    {
        _places = [];
        (NamePublisher publisher, PublishedNames published, _) = Create();
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => PublishAsync(publisher));
        Assert.Equal("NoNameSource", error.ErrorId);
        Assert.Contains("-Router", error.Remedy, StringComparison.Ordinal);
        Assert.Empty(published.List());
    }

    [Fact]
    public async Task One_who_does_not_answer_in_time_is_a_refusal()
    {
        FakeRouting silent = new() { Name = "silent", Gate = new TaskCompletionSource().Task };
        TaskCompletionSource isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource isGiven = new(TaskCreationOptions.RunContinuationsAsynchronously);
        silent.Finding = () => isAsked.TrySetResult();
        silent.Putting = _ => isGiven.TrySetResult();
        _places = [_router, silent];
        (NamePublisher publisher, _, _) = Create();
        Task<Publication> publishing = publisher.PublishAsync("self", Value, _lifetime, _ttl, TimeSpan.FromMinutes(2), CancellationToken.None);

        // half the time is for the search
        await isAsked.Task.WaitAsync(_patience);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await isGiven.Task.WaitAsync(_patience);
        _clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Assert.False(publishing.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        Publication result = await publishing.WaitAsync(_patience);
        Assert.Equal(["the router"], result.Routers);
        Assert.Equal(["The time was over before silent had answered."], result.Refusals);
    }

    [Fact]
    public async Task A_name_does_not_stand_for_itself()
    {
        (NamePublisher publisher, _, _) = Create();
        foreach (string name in new[] { _key.PeerId.ToString(), IpnsName.TextOf(_key.PeerId) })
        {
            Assert.Equal("InvalidName", (await Assert.ThrowsAsync<BitswapException>(() => PublishAsync(publisher, $"/ipns/{name}/a"))).ErrorId);
        }

        Assert.Equal($"/ipns/{NameRecords.Key(2).PeerId}", (await PublishAsync(publisher, $"/ipns/{NameRecords.Key(2).PeerId}")).Record.Value);
    }

    [Fact]
    public async Task What_is_published_is_there_again_after_a_restart_and_a_file_that_is_broken_is_left()
    {
        (NamePublisher publisher, _, _) = Create(_folder.Path);
        IpnsRecord record = (await PublishAsync(publisher)).Record;
        await File.WriteAllTextAsync(_folder[$"names/{IpnsName.TextOf(NameRecords.Key(2).PeerId)}.json"], "{}");
        await File.WriteAllTextAsync(_folder["names/.name-0.tmp"], "cut short");
        PublishedName kept = Assert.Single(new PublishedNames(_folder.Path, isReadOnly: false, NullLogger.Instance).List());
        Assert.True(kept.Record.Bytes.Span.SequenceEqual(record.Bytes.Span));
        Assert.Equal((_lifetime, _clock.GetUtcNow()), (kept.Lifetime, kept.Published));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder["names"], "*.json"), path => path.Contains(IpnsName.TextOf(NameRecords.Key(2).PeerId), StringComparison.Ordinal));
        Assert.False(File.Exists(_folder["names/.name-0.tmp"]));
    }

    [Fact]
    public async Task A_key_that_is_removed_takes_what_is_published_of_it_along()
    {
        (NamePublisher publisher, PublishedNames published, _) = Create(_folder.Path);
        PeerId name = _keys.Create("blog").Key.PeerId;
        await publisher.PublishAsync("blog", Value, _lifetime, _ttl, null, CancellationToken.None);
        Assert.Equal(Value, (await publisher.RemoveKeyAsync("blog", CancellationToken.None)).Published!.Record.Value);
        Assert.Null(published.Find(name));
        Assert.Empty(Directory.EnumerateFiles(_folder["names"]));
    }

    private static Task<Publication> PublishAsync(NamePublisher publisher, string value = Value) =>
        publisher.PublishAsync("self", value, _lifetime, _ttl, null, CancellationToken.None).WaitAsync(_patience);

    private (NamePublisher Publisher, PublishedNames Published, NameResolver Resolver) Create(string? folder = null)
    {
        RoutingOptions options = new();
        PublishedNames published = new(folder, isReadOnly: false, NullLogger.Instance);
        NameResolver resolver = new(options, _clock, () => _places);
        return (new NamePublisher(_keys, published, resolver, () => (_places, _places), options, _clock), published, resolver);
    }
}
