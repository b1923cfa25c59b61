using System.Security.Cryptography;
using System.Text.Json;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Node.Content;
using Bitswap.Node.Names;
using Bitswap.Node.Tests.Networks.Http;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Interop;

/// <summary>IPFS over HTTP with Helia: a node fetches from a gateway that @helia/verified-fetch answers for, and @helia/http and @helia/ipns from the gateway and the router of the tests.</summary>
public sealed class JsHttpTests(HeliaInstallation helia) : CarNode, IClassFixture<HeliaInstallation>
{
    [Fact]
    public async Task A_folder_that_npm_has_is_saved_by_one_CAR_and_a_range_of_a_file_read_by_another()
    {
        using TempFolder given = new();
        byte[] big = new byte[5_000_000];
        new Random(1).NextBytes(big);
        Directory.CreateDirectory(given["tree/many"]);
        File.WriteAllBytes(given["tree/big.bin"], big);
        for (int i = 0; i < 100; i++)
        {
            File.WriteAllBytes(given[$"tree/many/{i:000}.txt"], big.AsSpan(i, 1 + (i * 30)));
        }

        // Shards a folder that has more bytes of links than this.
        await using PeerProcess gateway = helia.StartScript("gateway.mjs", "--path", given["tree"], "--threshold", "2048");
        JsonElement told = await gateway.ReadAsync();
        Cid root = Cid.Parse(told.GetProperty("cid").GetString()!);
        await using NodeHost node = await StartAsync(told);
        using TempFolder folder = new();

        byte[] saved = await SaveAsync(node, root, folder);

        Assert.Equal([.. big, .. Enumerable.Range(0, 100).SelectMany(i => big.Skip(i).Take(1 + (i * 30)))], saved);
        Cid file = await FindAsync(node, root, "big.bin");
        await using NodeHost other = await StartAsync(told);
        Assert.Equal(big[2_000_000..2_100_000], await ReadAsync(other, new GraphRange(file, GraphScope.Entity) { From = 2_000_000, Count = 100_000 }));

        string[] requests = [.. (await gateway.EndAsync()).GetProperty("requests").EnumerateArray().Select(request => request.GetString()!)];
        string[] cars = [.. requests.Where(request => request.Contains("format=car", StringComparison.Ordinal))];
        Assert.Equal(2, cars.Length);
        Assert.StartsWith($"/ipfs/{root}?format=car&dag-scope=all&", cars[0], StringComparison.Ordinal);
        Assert.StartsWith($"/ipfs/{file}?format=car&dag-scope=entity&entity-bytes=2000000:2099999&", cars[1], StringComparison.Ordinal);

        // What it sent before it leaves out by a filter that may err, so that a block may be missing.
        Assert.InRange(requests.Count(request => !request.Contains("bafkqaaa", StringComparison.Ordinal)), 2, 6);
    }

    [Fact]
    public async Task Helia_over_HTTP_reads_from_the_gateway_of_the_tests_and_each_resolves_the_name_of_the_other()
    {
        SampleGraph file = await SampleGraph.FileAsync(1, 3_000_000, 250_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using KeepingRouter router = new();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { Routers = [router.Uri] } });
        string mine = $"/ipfs/{file.Root}";
        string theirs = $"/ipfs/{Sample.Cid}/a";
        await node.NamePublisher.PublishAsync("self", mine, TimeSpan.FromHours(48), TimeSpan.FromMinutes(5), Patience, default).WaitAsync(Patience);

        JsonElement[] answers =
        [
            .. (await InteropScript.RunAsync("http.mjs", [router.Uri.ToString().TrimEnd('/'), gateway.Uri.ToString().TrimEnd('/')], new object[]
            {
                new { op = "cat", cid = file.Root.ToString() },
                new { op = "resolve", name = node.PeerId.ToString() },
                new { op = "publish", value = theirs },
            })).EnumerateArray(),
        ];

        Assert.All(answers, answer => Assert.False(answer.TryGetProperty("error", out JsonElement error), error.ToString()));
        Assert.Equal(3_000_000, answers[0].GetProperty("size").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file.Content)), answers[0].GetProperty("sha256").GetString());
        Assert.Equal(file.Blocks.Count, gateway.BlockRequests.Count);
        Assert.Equal(mine, answers[1].GetProperty("value").GetString());
        PeerId name = PeerId.Parse(answers[2].GetProperty("name").GetString()!);
        ResolvedName found = await node.Names.ResolveAsync(new NamePath(name.ToString(), []), new NameQuestion { Limit = Patience }, default).AsTask().WaitAsync(Patience);
        Assert.Equal(theirs, found.Text);
    }

    private static async Task<NodeHost> StartAsync(JsonElement told)
    {
        NodeHost node = await NodeHost.StartAsync(new NodeOptions { Http = new HttpRetrievalOptions { Gateways = [new Uri(told.GetProperty("uri").GetString()!)] } });
        await Poll.UntilAsync(async () => (await node.GetPeersAsync()).Any(peer => peer.Version is not null), "the gateway is a peer");
        return node;
    }

    private static async Task<Cid> FindAsync(NodeHost node, Cid root, string name)
    {
        await using FetchSession session = new(node);
        UnixFsEntry[] entries = await new UnixFsReader(session.Reader).ListAsync(root, recurse: false).ToArrayAsync();
        return entries.Single(entry => entry.Name == name).Cid;
    }
}
