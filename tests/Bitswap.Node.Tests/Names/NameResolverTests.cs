using System.Runtime.CompilerServices;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Node.Names;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Names;

public sealed class NameResolverTests
{
    private const string Content = "/ipfs/bafkqaaa";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly PrivateKey _key = NameRecords.Key(1);
    private static readonly string _name = IpnsName.TextOf(_key.PeerId);
    private readonly FakeTimeProvider _clock = new(NameRecords.Until.AddDays(-1));
    private readonly Dictionary<string, TxtAnswer> _dns = [];
    private readonly List<string> _asked = [];
    private readonly List<FakeSource> _sources = [];

    [Fact]
    public async Task A_record_says_what_a_name_stands_for_and_the_path_goes_on_from_there()
    {
        Add("the router", NameRecords.Of(_key, Content + "/a", 7, ttl: TimeSpan.FromMinutes(3)));

        ResolvedName found = await ResolveAsync($"/ipns/{_key.PeerId}/b/c");

        Assert.Equal((_name, Content + "/a/b/c", Content + "/a/b/c"), (found.Name, found.Path!.ToString(), found.Text));
        Assert.Equal((TimeSpan.FromMinutes(3), NameRecords.Until), (found.Ttl, found.ValidUntil!.Value));
        NameStep step = Assert.Single(found.Steps);
        Assert.Equal(("the router", 7UL), (step.Source, step.Record!.Sequence));
        Assert.Equal([_key.PeerId], _sources[0].Asked);
    }

    [Fact]
    public async Task The_record_that_holds_is_taken_whoever_gives_it()
    {
        Add("behind", NameRecords.Of(_key, "/ipfs/bafkqaaa/b", 1), NameRecords.Of(_key, "/ipfs/bafkqaaa/c", 2));
        Add("newest", NameRecords.Of(_key, Content, 3));
        Add("forged", NameRecords.Of(NameRecords.Key(2), "/ipfs/bafkqaaa/d", 9));
        Add("expired", NameRecords.Of(_key, "/ipfs/bafkqaaa/e", 9, _clock.GetUtcNow().AddTicks(-1)));
        AddBytes("no protobuf", "<html>"u8.ToArray());

        ResolvedName found = await ResolveAsync("/ipns/" + _name);

        Assert.Equal((Content, "newest"), (found.Text, found.Steps[0].Source));
    }

    [Fact]
    public async Task A_source_is_asked_no_further_than_is_enough()
    {
        FakeSource source = Add("the DHT", [.. Enumerable.Range(0, 9).Select(i => NameRecords.Of(_key, Content, (ulong)i))]);

        ResolvedName found = await ResolveAsync("/ipns/" + _name, options: new RoutingOptions { NameQuorum = 4 });

        Assert.Equal(3UL, found.Steps[0].Record!.Sequence);
        Assert.Equal(4, source.Given);
    }

    [Fact]
    public async Task Once_a_record_is_there_others_have_a_while_left()
    {
        Add("quick", NameRecords.Of(_key, Content, 1));
        FakeSource silent = Add("silent", NameRecords.Of(_key, "/ipfs/bafkqaaa/b", 2));
        silent.Gate = new TaskCompletionSource();
        Task<ResolvedName> resolving = ResolveAsync("/ipns/" + _name);
        await silent.WasAsked.Task.WaitAsync(_patience);
        _clock.Advance(new RoutingOptions().NameSettleTime - TimeSpan.FromTicks(1));
        Assert.False(resolving.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(Content, (await resolving.WaitAsync(_patience)).Text);
    }

    [Fact]
    public async Task Where_no_record_is_valid_the_error_tells_what_each_source_gave()
    {
        Add("empty");
        Add("forger", NameRecords.Of(NameRecords.Key(2), Content));
        Add("old", NameRecords.Of(_key, Content, 4, _clock.GetUtcNow().AddSeconds(-1)));
        Add("broken").Failure = new BitswapException("RouterUnreachable", "It is down.", "");

        BitswapException error = await FailsAsync("NameNotFound", "/ipns/" + _name);

        Assert.Contains("empty: it has no record.", error.Message, StringComparison.Ordinal);
        Assert.Contains("forger: none of its 1 records is valid: A record of the name", error.Message, StringComparison.Ordinal);
        Assert.Contains("old: none of its 1 records is valid: the record of sequence 4 expired at 2030-01-01", error.Message, StringComparison.Ordinal);
        Assert.Contains("broken: It is down.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_failure_of_the_only_source_is_the_error()
    {
        Add("broken").Failure = new BitswapException("RouterUnreachable", "It is down.", "");
        Assert.Equal("It is down.", (await FailsAsync("RouterUnreachable", "/ipns/" + _name)).Message);
    }

    [Fact]
    public async Task Without_a_source_nothing_is_asked_and_the_error_says_what_is_missing()
    {
        Assert.Contains("-Router", (await FailsAsync("NoNameSource", "/ipns/" + _name)).Remedy, StringComparison.Ordinal);
        _dns["_dnslink.docs.example"] = Dns("dnslink=" + Content);
        Assert.Contains("ResolveNames", (await FailsAsync("NoNameSource", "/ipns/docs.example", new NameQuestion())).Remedy, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task A_domain_links_to_content()
    {
        _dns["_dnslink.en.wikipedia-on-ipfs.org"] = Dns("v=spf1", $"dnslink={Content}/wiki");

        ResolvedName found = await ResolveAsync("https://en-wikipedia--on--ipfs-org.ipns.dweb.example/a%20b");

        Assert.Equal(("en.wikipedia-on-ipfs.org", Content + "/wiki/a b"), (found.Name, found.Text));
        Assert.Equal((TimeSpan.FromSeconds(60), null), (found.Ttl, found.ValidUntil));
        Assert.Equal("DNS", Assert.Single(found.Steps).Source);
    }

    [Fact]
    public async Task Names_lead_to_names_and_paths_come_together()
    {
        _dns["_dnslink.a.example"] = Dns("dnslink=/ipns/b.example/x");
        _dns["_dnslink.b.example"] = Dns($"dnslink=/ipns/{_name}/y");
        Add("the router", NameRecords.Of(_key, Content + "/z", ttl: TimeSpan.FromSeconds(20)));

        ResolvedName found = await ResolveAsync("/ipns/a.example/w");

        Assert.Equal(("a.example", Content + "/z/y/x/w"), (found.Name, found.Text));
        Assert.Equal((3, TimeSpan.FromSeconds(20), NameRecords.Until), (found.Steps.Count, found.Ttl, found.ValidUntil!.Value));

        ResolvedName once = await ResolveAsync("/ipns/a.example/w", new NameQuestion { MayAskDns = true, IsRecursive = false });
        Assert.Equal(("/ipns/b.example/x/w", null), (once.Text, once.Path));
    }

    [Fact]
    public async Task A_chain_is_followed_so_far_and_no_further()
    {
        for (int i = 0; i < 40; i++)
        {
            _dns[$"_dnslink.n{i}.example"] = Dns($"dnslink=/ipns/n{i + 1}.example");
        }

        _dns["_dnslink.n40.example"] = Dns("dnslink=" + Content);
        Assert.Equal(Content, (await ResolveAsync("/ipns/n9.example")).Text);
        BitswapException error = await FailsAsync("NameRecursion", "/ipns/n8.example");
        Assert.Contains("32 names, and the next is '/ipns/n40.example'", error.Message, StringComparison.Ordinal);
        Assert.Equal(Content, (await ResolveAsync("/ipns/n8.example", options: new RoutingOptions { MaxNameSteps = 33 })).Text);

        _dns["_dnslink.round.example"] = Dns("dnslink=/ipns/round.example");
        await FailsAsync("NameRecursion", "/ipns/round.example");
    }

    [Theory]
    [InlineData("/ipns/nothing.example", "NameNotFound", "there is no TXT record of _dnslink.nothing.example")]
    [InlineData("/ipns/spf.example", "NameNotFound", "none of the 1 TXT records")]
    [InlineData("/ipns/two.example", "NameNotFound", "has 2 DNSLinks")]
    [InlineData("/ipns/down.example", "NameNotFound", "DNS cannot be asked about down.example: no server")]
    [InlineData("/ipns/dots.example", "InvalidNameRecord", "stands for '/ipfs/bafkqaaa/..'")]
    [InlineData("/ipns/nocid.example", "InvalidNameRecord", "stands for '/ipfs/nonsense'")]
    [InlineData("/ipns/localhost", "InvalidName", "neither the hash of a key nor a domain")]
    [InlineData("/ipns/bafkqaaa", "InvalidName", "it is a CID of the codec raw")]
    public async Task A_name_that_leads_nowhere_is_an_error_with_the_reason(string text, string id, string reason)
    {
        _dns["_dnslink.spf.example"] = Dns("v=spf1");
        _dns["_dnslink.two.example"] = Dns("dnslink=/ipfs/bafkqaaa", "dnslink=/ipfs/bafkqaaa/b");
        _dns["_dnslink.dots.example"] = Dns("dnslink=/ipfs/bafkqaaa/..");
        _dns["_dnslink.nocid.example"] = Dns("dnslink=/ipfs/nonsense");
        Assert.Contains(reason, (await FailsAsync(id, text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_known_is_used_for_as_long_as_its_publisher_says()
    {
        FakeSource source = Add("the router", NameRecords.Of(_key, Content, 1, ttl: TimeSpan.FromSeconds(100)));
        NameResolver resolver = Resolver();
        await ResolveAsync(resolver, "/ipns/" + _name);
        source.Records = [NameRecords.Of(_key, "/ipfs/bafkqaaa/b", 2, ttl: TimeSpan.FromSeconds(100)).Bytes];

        _clock.Advance(TimeSpan.FromSeconds(99));
        ResolvedName kept = await ResolveAsync(resolver, $"/ipns/{_key.PeerId}");
        Assert.Equal((Content, TimeSpan.FromSeconds(1)), (kept.Text, kept.Ttl));
        Assert.Single(source.Asked);

        Assert.Equal("/ipfs/bafkqaaa/b", (await ResolveAsync(resolver, "/ipns/" + _name, new NameQuestion { UsesCache = false })).Text);
        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal("/ipfs/bafkqaaa/b", (await ResolveAsync(resolver, "/ipns/" + _name)).Text);
        Assert.Equal(3, source.Asked.Count);
    }

    [Fact]
    public async Task A_record_older_than_one_that_was_seen_is_not_taken_while_that_is_valid()
    {
        FakeSource source = Add("the router", NameRecords.Of(_key, Content, 5, ttl: TimeSpan.Zero));
        NameResolver resolver = Resolver();
        await ResolveAsync(resolver, "/ipns/" + _name);
        source.Records = [NameRecords.Of(_key, "/ipfs/bafkqaaa/b", 4, NameRecords.Until.AddDays(9)).Bytes];

        Assert.Equal(Content, (await ResolveAsync(resolver, "/ipns/" + _name)).Text);
        _clock.SetUtcNow(NameRecords.Until.AddSeconds(1));
        Assert.Equal("/ipfs/bafkqaaa/b", (await ResolveAsync(resolver, "/ipns/" + _name)).Text);
    }

    [Theory]
    [InlineData(1, 100_000, 3600)]
    [InlineData(2, 40, 40)]
    [InlineData(3, 100, 30)]
    public async Task It_is_used_no_longer_than_the_record_is_valid_and_the_limit_allows(int key, int ttl, int used)
    {
        PrivateKey of = NameRecords.Key(key);
        Add("the router", NameRecords.Of(of, Content, 1, used == 30 ? _clock.GetUtcNow().AddSeconds(30) : null, TimeSpan.FromSeconds(ttl)));
        Assert.Equal(TimeSpan.FromSeconds(used), (await ResolveAsync("/ipns/" + of.PeerId)).Ttl);
    }

    [Fact]
    public async Task No_more_names_are_kept_than_the_limit()
    {
        _dns["_dnslink.a.example"] = _dns["_dnslink.b.example"] = _dns["_dnslink.c.example"] = Dns("dnslink=" + Content);
        NameResolver resolver = Resolver(new RoutingOptions { MaxCachedNames = 2 });
        foreach (string name in (string[])["a", "b", "c", "b", "c", "a"])
        {
            await ResolveAsync(resolver, $"/ipns/{name}.example");
        }

        Assert.Equal(["a", "b", "c", "a"], _asked.Select(name => name.Split('.')[1]));
        _asked.Clear();
        resolver = Resolver(new RoutingOptions { MaxCachedNames = 0 });
        await ResolveAsync(resolver, "/ipns/a.example");
        await ResolveAsync(resolver, "/ipns/a.example");
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task From_memory_alone_no_source_is_asked()
    {
        _dns["_dnslink.a.example"] = Dns("dnslink=" + Content);
        NameResolver resolver = Resolver();
        NameQuestion local = new() { MayAskDns = true, IsLocal = true };
        Assert.Equal("NoNameSource", (await Assert.ThrowsAsync<BitswapException>(() => ResolveAsync(resolver, "/ipns/a.example", local))).ErrorId);
        Assert.Empty(_asked);
        await ResolveAsync(resolver, "/ipns/a.example");
        Assert.Equal(Content, (await ResolveAsync(resolver, "/ipns/a.example", local)).Text);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task It_ends_when_the_time_is_over_and_when_the_caller_cancels()
    {
        FakeSource silent = Add("silent", NameRecords.Of(_key, Content));
        silent.Gate = new TaskCompletionSource();
        Task<ResolvedName> late = ResolveAsync("/ipns/" + _name, new NameQuestion { Limit = TimeSpan.FromSeconds(3) });
        await silent.WasAsked.Task.WaitAsync(_patience);
        _clock.Advance(TimeSpan.FromSeconds(3));
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => late.WaitAsync(_patience));
        Assert.Equal("Timeout", error.ErrorId);
        Assert.Contains("within 3 seconds", error.Message, StringComparison.Ordinal);

        using CancellationTokenSource given = new();
        Task<ResolvedName> cancelled = Resolver().ResolveAsync(new NamePath(_name, []), new NameQuestion(), given.Token).AsTask();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(_patience));
    }

    private static TxtAnswer Dns(params string[] texts) => new(texts, TimeSpan.FromSeconds(60));

    private FakeSource Add(string name, params IpnsRecord[] records) => AddBytes(name, [.. records.Select(record => record.Bytes.ToArray())]);

    private FakeSource AddBytes(string name, params byte[][] records)
    {
        FakeSource source = new(name) { Records = [.. records.Select(record => (ReadOnlyMemory<byte>)record)] };
        _sources.Add(source);
        return source;
    }

    private NameResolver Resolver(RoutingOptions? options = null) => new(options ?? new RoutingOptions(), _clock, () => _sources, (name, _) =>
    {
        _asked.Add(name);
        return name.Contains("down", StringComparison.Ordinal)
            ? Task.FromException<TxtAnswer>(new Libp2pException(Libp2pErrorIds.PeerUnreachable, "no server"))
            : Task.FromResult(_dns.GetValueOrDefault(name, Dns()));
    });

    private Task<ResolvedName> ResolveAsync(string text, NameQuestion? question = null, RoutingOptions? options = null) => ResolveAsync(Resolver(options), text, question);

    private static Task<ResolvedName> ResolveAsync(NameResolver resolver, string text, NameQuestion? question = null)
    {
        Assert.True(NamePath.TryParse(text, out NamePath? path));
        return resolver.ResolveAsync(path, question ?? new NameQuestion { MayAskDns = true }, CancellationToken.None).AsTask();
    }

    private async Task<BitswapException> FailsAsync(string id, string text, NameQuestion? question = null)
    {
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => ResolveAsync(text, question));
        Assert.True(id == error.ErrorId, error.Message);
        Assert.NotEmpty(error.Message);
        return error;
    }

    private sealed class FakeSource(string name) : INameSource
    {
        public string Name => name;

        public IReadOnlyList<ReadOnlyMemory<byte>> Records { get; set; } = [];

        public BitswapException? Failure { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public TaskCompletionSource WasAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<PeerId> Asked { get; } = [];

        public int Given { get; private set; }

        public async IAsyncEnumerable<ReadOnlyMemory<byte>> FindRecordsAsync(PeerId asked, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Asked.Add(asked);
            WasAsked.TrySetResult();
            if (Gate is { } gate)
            {
                await gate.Task.WaitAsync(cancellationToken);
            }

            if (Failure is { } failure)
            {
                throw failure;
            }

            foreach (ReadOnlyMemory<byte> record in Records)
            {
                Given++;
                yield return record;
            }
        }
    }
}
