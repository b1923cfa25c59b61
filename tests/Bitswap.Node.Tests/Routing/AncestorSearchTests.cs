using System.Text;
using Bitswap.Multiformats;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>Fetches that go on where the graph was begun: the client has what is above, and only that, or a part of it, is announced.</summary>
public sealed class AncestorSearchTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 9);
    private readonly Block[] _leaves = Samples.Blocks(20);

    // what links to the leaves, what links to that, and so on to the root
    private readonly List<Block> _above = [];
    private NodeHost _provider = null!;

    public async ValueTask InitializeAsync()
    {
        _above.Add(Parent(_leaves));
        while (_above.Count < 6)
        {
            _above.Add(Parent(_above[^1]));
        }

        _provider = await StartAsync();
        await Samples.PutAsync(_provider, [.. _leaves, .. _above]);
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_block_is_found_at_those_who_have_what_is_above_it(int announced)
    {
        await using RouterServer router = Router(_above[announced].Cid);
        await using NodeHost getter = await StartAsync(router);
        await Samples.PutAsync(getter, _above);
        await using FetchSession session = new(getter);

        await ReadAboveAsync(session);
        ReadOnlyMemory<byte>[] got = await Task.WhenAll(_leaves.Select(leaf => session.ReadAsync(leaf.Cid).AsTask())).WaitAsync(_patience);

        Assert.Equal(_leaves.Select(leaf => leaf.Data.ToArray()), got.Select(data => data.ToArray()));
        Assert.Single(Asked(router), _above[announced].Cid);
    }

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 5 })]
    [InlineData(2, new[] { 0, 5 })]
    [InlineData(4, new[] { 0, 1, 2, 5 })]
    [InlineData(16, new[] { 0, 1, 2, 3, 4, 5 })]
    public async Task The_nearest_are_searched_for_first_and_so_many(int most, int[] expected)
    {
        await using RouterServer router = Router(null);
        await using NodeHost getter = await StartAsync(router, new RoutingOptions { AncestorsPerSearch = most });
        await Samples.PutAsync(getter, _above);
        await using FetchSession session = new(getter);
        await ReadAboveAsync(session);

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => session.ReadAsync(_leaves[0].Cid).AsTask().WaitAsync(_patience));

        Assert.Equal("BlockUnavailable", failure.ErrorId);
        Assert.Equal([_leaves[0].Cid, .. expected.Select(i => _above[i].Cid)], Asked(router));
        Assert.All(expected, i => Assert.Contains($"Of {_above[i].Cid}, above it: 0 named.", failure.Message));
    }

    [Fact]
    public async Task What_is_silent_of_the_block_itself_does_not_keep_its_root_from_being_asked_for()
    {
        await using RouterServer router = new(async (request, stream, token) =>
        {
            bool isRoot = request.Contains($"{_above[^1].Cid} ", StringComparison.Ordinal);
            if (!isRoot)
            {
                await Task.Delay(Timeout.Infinite, token);
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson") + Record()), token);
        });
        await using NodeHost getter = await StartAsync(router, new RoutingOptions { AncestorSearchDelay = TimeSpan.FromMilliseconds(50) });
        await Samples.PutAsync(getter, _above);
        await using FetchSession session = new(getter);
        await ReadAboveAsync(session);

        await session.ReadAsync(_leaves[0].Cid).AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task Who_has_the_root_is_asked_before_the_search_for_it_ends()
    {
        await using RouterServer router = new(async (request, stream, token) =>
        {
            bool isRoot = request.Contains($"{_above[^1].Cid} ", StringComparison.Ordinal);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson") + (isRoot ? Record() + "\n" : "")), token);
            if (isRoot)
            {
                await Task.Delay(Timeout.Infinite, token);
            }
        });
        await using NodeHost getter = await StartAsync(router, new RoutingOptions { AncestorSearchDelay = TimeSpan.FromMilliseconds(50), RouterTimeout = TimeSpan.FromMinutes(2) });
        await Samples.PutAsync(getter, _above);
        await using FetchSession session = new(getter);
        await ReadAboveAsync(session);

        await session.ReadAsync(_leaves[0].Cid).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_asks_certain_peers_alone_has_nobody_told_of_the_root()
    {
        await using NodeHost idle = await StartAsync();
        await using RouterServer router = Router(_above[^1].Cid);
        await using NodeHost getter = await StartAsync(router);
        await getter.ConnectAsync(idle.Addresses);
        await Samples.PutAsync(getter, _above);
        await using FetchSession session = new(getter, new FetchSessionOptions { OnlyPeers = [idle.PeerId] });
        await ReadAboveAsync(session);

        await Assert.ThrowsAnyAsync<BitswapException>(() => session.ReadAsync(_leaves[0].Cid).AsTask().WaitAsync(_patience));

        Assert.Empty(router.Requests);
    }

    [Fact]
    public async Task A_graph_without_its_root_is_fetched_as_ever()
    {
        await using RouterServer router = Router(_above[^1].Cid);
        await using NodeHost getter = await StartAsync(router);
        await using FetchSession session = new(getter);
        foreach (Block block in Enumerable.Reverse(_above).Concat(_leaves))
        {
            await session.ReadAsync(block.Cid).AsTask().WaitAsync(_patience);
        }

        Assert.Equal(_above[^1].Cid, Assert.Single(Asked(router)));
    }

    private async Task ReadAboveAsync(FetchSession session)
    {
        foreach (Block block in Enumerable.Reverse(_above))
        {
            await session.ReadAsync(block.Cid).AsTask().WaitAsync(_patience);
        }
    }

    private static Block Parent(params IEnumerable<Block> children)
    {
        byte[] data = Encoding.UTF8.GetBytes($"[{string.Join(',', children.Select(child => $"{{\"/\":\"{child.Cid}\"}}"))}]");
        return new Block(Cid.Compute(Multicodec.DagJson, data), data);
    }

    private string Record() => $$"""{"Schema":"peer","ID":"{{_provider.PeerId}}","Addrs":["{{_provider.Addresses[0]}}"],"Protocols":["transport-bitswap"]}""";

    private RouterServer Router(Cid? announced) => RouterServer.ByPath(path => announced is not null && path.EndsWith($"/{announced}", StringComparison.Ordinal) ? Record() : null);

    private static Cid[] Asked(RouterServer router) => [.. router.Requests.Select(request => Cid.Parse(request.Split(' ')[1].Split('/')[^1]))];

    private Task<NodeHost> StartAsync(RouterServer? router = null, RoutingOptions? options = null) => NodeHost.StartAsync(new NodeOptions
    {
        Network = _network.CreatePeer(),
        Routing = (options ?? new RoutingOptions()) with { Routers = router is null ? [] : [router.Uri] },
        Engine = new EngineOptions { FailFastWithoutPeers = true },
        Seed = 1,
    });
}
