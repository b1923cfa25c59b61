using System.Collections.Concurrent;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Routing;

/// <summary>Records of providers as the network has them: without addresses, with addresses that nobody here dials, in parts, and routers that fail.</summary>
public sealed class ProviderRecordTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 7);
    private readonly Block _block = Samples.Block(1);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("[\"/ip4/192.0.2.1/udp/4001/quic-v1\"]")]
    public async Task A_provider_without_a_dialable_address_is_looked_up_once(string given)
    {
        await using NodeHost provider = await StartAsync();
        Block[] blocks = Samples.Blocks(3);
        await Samples.PutAsync(provider, blocks);
        await using RouterServer router = RouterServer.ByPath(path => path.Contains("/providers/", StringComparison.Ordinal)
            ? Record(provider.PeerId, given)
            : path.EndsWith($"/routing/v1/peers/{provider.PeerId.ToCid()}", StringComparison.Ordinal) ? Record(provider.PeerId, Addresses(provider)) : null);
        await using NodeHost getter = await StartAsync(router);

        await Task.WhenAll(blocks.Select(block => getter.GetBlockAsync(block.Cid, new WantOptions { FailFast = true }).AsTask())).WaitAsync(_patience);

        Assert.Single(router.Requests, request => request.Contains("/peers/", StringComparison.Ordinal));
        Assert.Equal(provider.PeerId, Assert.Single(getter.ConnectedPeers));
    }

    [Fact]
    public async Task One_that_cannot_be_found_does_not_hide_the_one_beside_it()
    {
        await using NodeHost provider = await StartAsync();
        await Samples.PutAsync(provider, [_block]);
        string lost = Record(PrivateKey.Generate().PeerId, "[]");
        await using RouterServer router = RouterServer.ByPath(path => path.Contains("/providers/", StringComparison.Ordinal) ? $"{lost}\n{Record(provider.PeerId, Addresses(provider))}" : null);
        await using NodeHost getter = await StartAsync(router);

        await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task What_several_records_say_of_one_provider_is_put_together()
    {
        await using NodeHost provider = await StartAsync();
        await Samples.PutAsync(provider, [_block]);
        PeerId nobody = PrivateKey.Generate().PeerId;
        string[] records = [Record(provider.PeerId, "[]"), Record(provider.PeerId, "[\"/ip4/192.0.2.1/udp/1/quic-v1\"]"), Record(nobody, "[]"), Record(provider.PeerId, Addresses(provider))];
        await using RouterServer router = RouterServer.ByPath(path => path.Contains("/providers/", StringComparison.Ordinal) ? string.Join('\n', records) : null);
        await using NodeHost getter = await StartAsync(router);

        await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task Of_all_addresses_that_records_give_of_one_provider_so_many_are_dialled()
    {
        PeerId peer = Peer();
        string[] records = [.. Enumerable.Range(0, 5).Select(i => Record(peer, $"[{string.Join(',', Enumerable.Range(1, 6).Select(j => $"\"/ip4/127.0.0.1/tcp/{(i * 10) + j}\""))}]"))];
        await using RouterServer router = RouterServer.ByPath(path => path.Contains("/providers/", StringComparison.Ordinal) ? string.Join('\n', records) : null);
        Dialled network = new(_network.CreatePeer());
        await using NodeHost getter = await NodeHost.StartAsync(Options(router) with { Network = network });

        await FailsAsync(getter);

        Assert.Equal(8, network.Tried.Count);
        Assert.Equal(8, network.Tried.Distinct().Count());
        Assert.All(network.Terms, terms => Assert.Equal(AddressScope.Machine, terms!.Source));
    }

    [Fact]
    public async Task One_that_may_not_be_dialled_is_named_with_the_reason()
    {
        await using RouterServer router = RouterServer.ByPath(path => path.Contains("/providers/", StringComparison.Ordinal) ? Record(Peer(), "[\"/ip4/8.8.8.8/tcp/4001\"]") : null);
        NodeOptions options = Options(router);
        Dialled network = new(_network.CreatePeer());
        await using NodeHost getter = await NodeHost.StartAsync(options with { Network = network, Routing = options.Routing with { AllowPublicAddresses = false } });

        BitswapException failure = await FailsAsync(getter);

        Assert.Contains("1 named: 1 address not allowed", failure.Message);
        Assert.Empty(network.Tried);
    }

    [Fact]
    public async Task Those_that_cannot_be_asked_are_named_with_the_reason()
    {
        string[] records =
        [
            Record(Peer(), "[\"/ip4/192.0.2.1/udp/4001/quic-v1\",\"/ip4/192.0.2.1/udp/4001/quic-v1/webtransport\"]"),
            Record(Peer(), "[\"/dns4/a.example/tcp/443/tls/http\"]", "transport-ipfs-gateway-http"),
            Record(Peer(), "[\"/dns4/b.example/tcp/443/https\"]", "transport-ipfs-gateway-http"),
            Record(Peer(), "[]"),
        ];
        await using RouterServer router = RouterServer.ByPath(path => path.Contains("/providers/", StringComparison.Ordinal) ? string.Join('\n', records) : null);
        await using NodeHost getter = await StartAsync(router);

        BitswapException failure = await FailsAsync(getter);

        Assert.Equal("BlockUnavailable", failure.ErrorId);
        Assert.Contains("Providers: 4 named: 2 HTTP, 1 QUIC, 1 without address.", failure.Message);
        Assert.Null(failure.InnerException);
    }

    [Fact]
    public async Task Those_that_do_not_answer_or_speak_no_Bitswap_are_named_too()
    {
        await using NodeHost gone = await StartAsync();
        string record = Record(gone.PeerId, Addresses(gone));
        await gone.StopAsync();
        await using Libp2pHost other = await Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate(), ListenAddresses = new NodeOptions().ListenAddresses });
        string[] records = [record.Replace("/dns4/memory/", "/ip4/127.0.0.1/", StringComparison.Ordinal), Record(other.PeerId, $"[\"{other.Addresses[0]}\"]")];
        await using RouterServer router = RouterServer.Of(string.Join('\n', records));
        await using NodeHost getter = await NodeHost.StartAsync(Options(router));
        Assert.Contains("Providers: 2 named: 1 without Bitswap, 1 could not be reached.", (await FailsAsync(getter)).Message);
    }

    [Theory]
    [InlineData("500 Internal Server Error", "application/json", "", "RouterRefused", "answered 500 (InternalServerError)")]
    [InlineData("429 Too Many Requests", "text/plain", "slow down", "RouterRefused", "answered 429 (TooManyRequests)")]
    [InlineData("200 OK", "text/html", "<html>", "InvalidRouterAnswer", "it is 'text/html'")]
    [InlineData("200 OK", "application/json", "{\"Providers\":[", "InvalidRouterAnswer", "it is not JSON")]
    [InlineData("302 Found\r\nLocation: file:///x", "text/plain", "", "RouterRefused", "leads to 'file:///x'")]
    [InlineData("dead", "", "", "RouterUnreachable", "cannot be asked")]
    public async Task A_router_that_fails_is_named_with_what_it_said_and_the_get_ends(string status, string type, string body, string id, string said)
    {
        RouterServer router = RouterServer.Of(body, type, status);
        await using RouterServer owned = router;
        if (status == "dead")
        {
            await router.DisposeAsync();
        }

        await using NodeHost getter = await StartAsync(router);
        BlockUnavailableException failure = Assert.IsType<BlockUnavailableException>(await FailsAsync(getter));
        Assert.Contains($"The router {router.Uri.GetLeftPart(UriPartial.Authority)}", failure.Message.Replace("What the router", "The router", StringComparison.Ordinal));
        Assert.Contains(said, failure.Message);
        Assert.DoesNotContain("named no provider", failure.Message);
        Assert.Equal(id, Assert.IsType<BitswapException>(failure.InnerException).ErrorId);
    }

    [Fact]
    public async Task Of_two_routers_the_one_that_fails_and_the_one_that_knows_nobody_are_told_apart()
    {
        await using RouterServer knowsNobody = RouterServer.Of("", status: "404 Not Found");
        await using RouterServer fails = RouterServer.Of("", status: "503 Service Unavailable");
        await using NodeHost getter = await StartAsync(knowsNobody, fails);
        string message = (await FailsAsync(getter)).Message;
        Assert.Contains($"{knowsNobody.Uri.GetLeftPart(UriPartial.Authority)} named no provider.", message);
        Assert.Contains($"{fails.Uri.GetLeftPart(UriPartial.Authority)} answered 503", message);
    }

    [Fact]
    public async Task The_DHT_is_asked_where_a_provider_is_that_its_record_does_not_say()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await Samples.PutAsync(provider, [_block]);
        int lookups = 0;
        await using DhtServerNode server = await DhtServerNode.StartAsync();
        server.Answer = type =>
        {
            lookups += type == DhtAnswers.FindNode ? 1 : 0;
            return type == DhtAnswers.GetProviders ? DhtAnswers.Provider(provider.PeerId) : DhtAnswers.Closer(provider.PeerId, provider.Addresses);
        };
        await using NodeHost getter = await NodeHost.StartAsync(Options() with { Routing = new RoutingOptions { DhtBootstrap = server.Node.Addresses } });

        await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);

        Assert.Equal(1, lookups);
    }

    [Fact]
    public async Task Lookups_are_bounded_in_number_and_time_and_remembered_for_a_time()
    {
        FakeTimeProvider clock = new();
        SlowSource source = new();
        RoutingOptions options = new() { MaxPeerLookups = 2, PeerLookupTimeout = TimeSpan.FromSeconds(5), PeerLookupMemory = TimeSpan.FromMinutes(1) };
        using PeerLookups lookups = new(() => [source], options, clock);
        PeerId[] peers = [Peer(), Peer(), Peer()];
        Task<PeerLookup>[] looking = [.. peers.Select(peer => lookups.FindAsync(peer, default))];
        Task<PeerLookup> same = lookups.FindAsync(peers[0], default);
        await Bitswap.Tests.Shared.Poll.UntilAsync(() => source.Asked == 2);
        using CancellationTokenSource impatient = new();
        Task<PeerLookup> givenUp = lookups.FindAsync(peers[1], impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);

        await Bitswap.Tests.Shared.Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return looking.All(task => task.IsCompleted);
        });

        Assert.All(await Task.WhenAll(looking), found => Assert.Empty(found.Addresses));
        Assert.NotNull((await looking[0]).Failure);
        Assert.Equal(await looking[0], await same);
        Assert.Equal(2, source.Most);
        int asked = source.Asked;
        await lookups.FindAsync(peers[0], default).WaitAsync(_patience);
        Assert.Equal(asked, source.Asked);
        clock.Advance(TimeSpan.FromMinutes(1));
        Task<PeerLookup> again = lookups.FindAsync(peers[0], default);
        await Bitswap.Tests.Shared.Poll.UntilAsync(() => source.Asked == asked + 1);
        lookups.Dispose();
        await again.WaitAsync(_patience);
    }

    private static PeerId Peer() => PrivateKey.Generate().PeerId;

    private static string Addresses(NodeHost node) => $"[{string.Join(",", node.Addresses.Select(address => $"\"{address}\""))}]";

    private static string Record(PeerId peer, string addresses, string protocol = "transport-bitswap") =>
        $$"""{"Schema":"peer","ID":"{{peer}}","Addrs":{{addresses}},"Protocols":["{{protocol}}"]}""";

    private static NodeOptions Options(params RouterServer[] routers) => new()
    {
        Routing = new RoutingOptions { Routers = [.. routers.Select(router => router.Uri)] },
        Engine = new EngineOptions { FailFastWithoutPeers = true },
    };

    private Task<NodeHost> StartAsync(params RouterServer[] routers) => NodeHost.StartAsync(Options(routers) with { Network = _network.CreatePeer() });

    private Task<BitswapException> FailsAsync(NodeHost getter) => Assert.ThrowsAnyAsync<BitswapException>(
        () => getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true, Timeout = TimeSpan.FromMinutes(10) }).AsTask().WaitAsync(_patience));

    /// <summary>A network that notes what its node dials.</summary>
    private sealed class Dialled(IPeerNetwork inner) : WrappedNetwork(inner)
    {
        public ConcurrentQueue<Multiaddr> Tried { get; } = new();

        public ConcurrentQueue<DialTerms?> Terms { get; } = new();

        public override ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
        {
            foreach (Multiaddr address in addresses)
            {
                Tried.Enqueue(address);
            }

            Terms.Enqueue(terms);
            return base.ConnectAsync(addresses, terms, cancellationToken);
        }
    }

    /// <summary>A source that never answers where a peer is.</summary>
    private sealed class SlowSource : IProviderSource
    {
        private int _now;
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public int Most { get; private set; }

        public ProviderSourceKind Kind => ProviderSourceKind.Delegated;

        public string Name => "slow";

        public IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async ValueTask<FoundProvider?> FindPeerAsync(PeerId peer, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            Most = Math.Max(Most, Interlocked.Increment(ref _now));
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return null;
            }
            finally
            {
                Interlocked.Decrement(ref _now);
            }
        }
    }
}
