using System.Text.Json;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Node.Names;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Interop;

/// <summary>
/// A node and the client of routers that Helia has, with a router between them that keeps what it is given: each finds what the other put. npm has no such server, so the router is the
/// tests' own.
/// </summary>
public sealed class JsRouterTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_one_client_puts_to_a_router_the_other_gets()
    {
        await using KeepingRouter router = new();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { Routers = [router.Uri] } });
        string mine = $"/ipfs/{Samples.Block(1).Cid}";
        Publication published = await node.NamePublisher.PublishAsync("self", mine, TimeSpan.FromHours(48), TimeSpan.FromMinutes(5), _patience, default).WaitAsync(_patience);
        Assert.Single(published.Routers);
        Cid cid = Samples.Block(2).Cid;
        router.Provide(cid, NameRecords.Key(9).PeerId, [Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001")]);
        string theirs = $"/ipfs/{Samples.Block(3).Cid}/a";

        JsonElement[] answers =
        [
            .. (await InteropScript.RunAsync("router.mjs", [router.Uri.ToString()], new object[]
            {
                new { op = "get", name = node.PeerId.ToString() },
                new { op = "put", type = "Ed25519", value = theirs, sequence = "7", validity = "2090-02-03T04:05:06.007008009Z" },
                new { op = "providers", cid = cid.ToString() },
            })).EnumerateArray(),
        ];

        Assert.All(answers, answer => Assert.False(answer.TryGetProperty("error", out JsonElement error), error.ToString()));
        Assert.Equal((mine, "0"), (answers[0].GetProperty("value").GetString(), answers[0].GetProperty("sequence").GetString()));
        Assert.Equal(Convert.ToHexStringLower(published.Record.Bytes.Span), answers[0].GetProperty("record").GetString());
        PeerId name = PeerId.Parse(answers[1].GetProperty("name").GetString()!);
        ResolvedName found = await node.Names.ResolveAsync(new NamePath(name.ToString(), []), new NameQuestion { Limit = _patience }, default).AsTask().WaitAsync(_patience);
        Assert.Equal(theirs, found.Text);

        // and both read the same answer about a provider
        JsonElement provider = Assert.Single(answers[2].GetProperty("providers").EnumerateArray());
        FoundProvider own = Assert.Single(await Assert.Single(node.Routing.Sources).FindAsync(cid, new ProviderTally(), default).ToArrayAsync().AsTask().WaitAsync(_patience));
        Assert.Equal(own.Peer.ToString(), provider.GetProperty("id").GetString());
        Assert.Equal(
            own.Addresses.Select(address => address.WithoutPeerId().ToString()),
            provider.GetProperty("addrs").EnumerateArray().Select(address => Multiaddr.Parse(address.GetString()!).WithoutPeerId().ToString()));
    }
}
