using System.Text.Json;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Names;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Interop;

/// <summary>A node in a DHT of 30 nodes of @libp2p/kad-dht, which has a protocol of its own: what one side tells it, the other finds.</summary>
public sealed class JsDhtTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>
{
    private const string Protocol = "/bitswap-tests/kad/1.0.0";
    private const int Nodes = 30;
    private const string OnDemand = "BITSWAP_LARGE_TESTS";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(48);

    [Fact]
    public async Task What_one_side_tells_the_DHT_the_other_finds()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(OnDemand) == "1", $"30 nodes of npm keep a core busy for a minute, and other tests would fail for it: set {OnDemand}=1 to run it");
        await using PeerProcess dht = helia.StartScript("dht.mjs", "--protocol", Protocol, "--nodes", $"{Nodes}");
        JsonElement told = await dht.ReadAsync();
        await using NodeHost node = await StartAsync(told);
        await using NodeHost other = await StartAsync(told);

        await FindsAProviderThatNpmAnnouncedAsync(node, told);
        await AnnouncesAndNpmFindsItAsync(node, dht);
        await PublishesANameThatNpmAndAnotherNodeResolveAsync(node, other, dht);
        await ResolvesANameThatNpmPublishedAsync(other, dht);
    }

    private static Task<NodeHost> StartAsync(JsonElement told) => NodeHost.StartAsync(new NodeOptions
    {
        Routing = new RoutingOptions { DhtBootstrap = [Multiaddr.Parse(told.GetProperty("addr").GetString()!)], DhtProtocol = Protocol },
    });

    private static async Task FindsAProviderThatNpmAnnouncedAsync(NodeHost node, JsonElement told)
    {
        Cid cid = Cid.Parse(told.GetProperty("cid").GetString()!);

        FoundProvider[] found = await Assert.Single(node.Routing.Sources).FindAsync(cid, new ProviderTally(), default).ToArrayAsync().AsTask().WaitAsync(_patience);

        FoundProvider provider = Assert.Single(found);
        Assert.Equal(told.GetProperty("provider").GetString(), provider.Peer.ToString());
        Assert.Equal(told.GetProperty("providerAddrs").EnumerateArray().Select(address => address.GetString()), provider.Addresses.Select(address => address.ToString()));
    }

    private static async Task AnnouncesAndNpmFindsItAsync(NodeHost node, PeerProcess dht)
    {
        Block block = Samples.Block(1);

        IProviderTarget target = Assert.Single(node.Routing.Targets);
        byte[] key = block.Cid.Hash.ToByteArray();
        KademliaClosest closest = await target.LookupAsync(key, default).AsTask().WaitAsync(_patience);
        ToldPeer[] told = await Task.WhenAll(closest.Peers.Select(peer => target.TellAsync(peer, [key], default))).WaitAsync(_patience);

        Assert.Equal(20, told.Length);
        Assert.All(told, peer => Assert.Null(peer.Refusal));
        JsonElement provider = Assert.Single((await AskAsync(dht, new { op = "find", cid = block.Cid.ToString() })).GetProperty("providers").EnumerateArray());
        Assert.Equal(node.PeerId.ToString(), provider.GetProperty("id").GetString());
        Assert.Equal(
            node.Addresses.Select(address => address.WithoutPeerId().ToString()),
            provider.GetProperty("addrs").EnumerateArray().Select(address => Multiaddr.Parse(address.GetString()!).WithoutPeerId().ToString()));
    }

    private static async Task PublishesANameThatNpmAndAnotherNodeResolveAsync(NodeHost node, NodeHost other, PeerProcess dht)
    {
        string value = $"/ipfs/{Samples.Block(2).Cid}";

        Publication published = await node.NamePublisher.PublishAsync("self", value, _lifetime, TimeSpan.FromMinutes(5), _patience, default).WaitAsync(_patience);

        Assert.Equal(20, published.Taken);
        JsonElement found = await AskAsync(dht, new { op = "get", name = node.PeerId.ToString() });
        Assert.Equal((value, "0"), (found.GetProperty("value").GetString(), found.GetProperty("sequence").GetString()));
        Assert.Equal(Convert.ToHexStringLower(published.Record.Bytes.Span), found.GetProperty("record").GetString());
        Assert.Equal(value, (await ResolveAsync(other, node.PeerId)).Text);
    }

    private static async Task ResolvesANameThatNpmPublishedAsync(NodeHost node, PeerProcess dht)
    {
        string value = $"/ipfs/{Samples.Block(3).Cid}/a";
        JsonElement published = await AskAsync(dht, new { op = "publish", type = "Ed25519", value, sequence = "7", validity = "2090-02-03T04:05:06.007008009Z" });

        ResolvedName found = await ResolveAsync(node, PeerId.Parse(published.GetProperty("name").GetString()!));

        Assert.Equal((value, "the DHT"), (found.Text, found.Steps[0].Source));
    }

    private static Task<ResolvedName> ResolveAsync(NodeHost node, PeerId name) =>
        node.Names.ResolveAsync(new NamePath(name.ToString(), []), new NameQuestion { Limit = _patience }, default).AsTask().WaitAsync(_patience);

    private static async Task<JsonElement> AskAsync(PeerProcess dht, object question)
    {
        await dht.Input.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(question), (byte)'\n']);
        await dht.Input.FlushAsync();
        JsonElement answer = await dht.ReadAsync();
        Assert.False(answer.TryGetProperty("error", out JsonElement error), error.ToString());
        return answer;
    }
}
