using System.Globalization;
using System.Text;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Names;
using Bitswap.Node.Routing.Http;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Names;

/// <summary>Routers, the DHT and DNS as a node asks them for names.</summary>
public sealed class NameSourceTests
{
    private const string Type = "application/vnd.ipfs.ipns-record";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly PrivateKey _key = NameRecords.Key(1);
    private static readonly string _name = IpnsName.TextOf(_key.PeerId);
    private static readonly IpnsRecord _record = NameRecords.Of(_key, "/ipfs/bafkqaaa/a", 3);

    [Theory]
    [InlineData("")]
    [InlineData("/routing/v1/")]
    [InlineData("/routing/v1/ipns")]
    public async Task A_router_is_asked_as_the_specification_has_it(string path)
    {
        await using RouterServer server = RouterServer.OfBytes(_record.Bytes.ToArray(), Type, null);

        Assert.Equal([_record.Bytes.ToArray()], await AskAsync(new Uri(server.Uri, path)));

        string[] head = Assert.Single(server.Requests).Split("\r\n");
        Assert.Equal($"GET /routing/v1/ipns/{_name} HTTP/1.1", head[0]);
        Assert.Contains($"Accept: {Type}", head);
        Assert.DoesNotContain(head, line => line.StartsWith("Accept-Encoding", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("404 Not Found", Type)]
    [InlineData("204 No Content", Type)]
    [InlineData("200 OK", "text/plain")]
    [InlineData("200 OK", null)]
    public async Task Some_answers_are_no_record(string status, string? type)
    {
        await using RouterServer server = new((_, stream, token) => stream.WriteAsync(Encoding.ASCII.GetBytes(RouterServer.Head(status, type, "Content-Length: 0")), token).AsTask());
        Assert.Empty(await AskAsync(server.Uri));
    }

    [Theory]
    [InlineData("500 Oops", "RouterRefused")]
    [InlineData("429 Too Many Requests", "RouterRefused")]
    [InlineData("406 Not Acceptable", "RouterRefused")]
    public async Task Other_answers_are_refusals(string status, string id)
    {
        await using RouterServer server = RouterServer.Of("", Type, status);
        Assert.Equal(id, (await Assert.ThrowsAsync<BitswapException>(() => AskAsync(server.Uri))).ErrorId);
    }

    [Fact]
    public async Task What_is_larger_than_a_record_may_be_or_compressed_is_refused()
    {
        await using RouterServer large = RouterServer.OfBytes(new byte[IpnsRecord.MaxSize + 1], Type, null);
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => AskAsync(large.Uri));
        Assert.Equal("InvalidRouterAnswer", error.ErrorId);
        Assert.Contains("more than 10240 bytes", error.Message, StringComparison.Ordinal);
        await using RouterServer largest = RouterServer.OfBytes(new byte[IpnsRecord.MaxSize], Type, null);
        Assert.Equal(IpnsRecord.MaxSize, Assert.Single(await AskAsync(largest.Uri)).Length);
        await using RouterServer compressed = RouterServer.OfBytes(_record.Bytes.ToArray(), Type, "gzip");
        Assert.Equal("InvalidRouterAnswer", (await Assert.ThrowsAsync<BitswapException>(() => AskAsync(compressed.Uri))).ErrorId);
    }

    [Fact]
    public async Task A_node_asks_its_routers_and_the_DHT_and_takes_the_record_that_holds()
    {
        IpnsRecord newer = NameRecords.Of(_key, "/ipfs/bafkqaaa/b", 4);
        await using RouterServer router = RouterServer.OfBytes(_record.Bytes.ToArray(), Type, null);
        await using DhtServerNode server = await DhtServerNode.StartAsync();
        server.Answer = type => type == 1 ? DhtRecord(newer) : [];
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            Routing = new RoutingOptions { Routers = [router.Uri], DhtBootstrap = server.Node.Addresses, NameSettleTime = TimeSpan.FromMinutes(1) },
        });

        ResolvedName found = await node.Names.ResolveAsync(new NamePath(_name, ["c"]), new NameQuestion { Limit = _patience }, CancellationToken.None);

        Assert.Equal(("/ipfs/bafkqaaa/b/c", "the DHT", 4UL), (found.Text, found.Steps[0].Source, found.Steps[0].Record!.Sequence));
        Assert.Single(router.Requests);
    }

    [Fact]
    public async Task A_node_asks_the_name_server_that_it_is_told_of()
    {
        await using DnsServer dns = new();
        dns.Texts["_dnslink.docs.example"] = ["other", "dnslink=/ipfs/bafkqaaa/" + new string('a', 300)];
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            Routing = new RoutingOptions { DnsServer = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{dns.EndPoint.Port}") },
        });
        NameQuestion question = new() { MayAskDns = true, Limit = _patience };

        ResolvedName found = await node.Names.ResolveAsync(new NamePath("docs.example", []), question, CancellationToken.None);
        Assert.Equal(("/ipfs/bafkqaaa/" + new string('a', 300), TimeSpan.FromMinutes(1)), (found.Text, found.Ttl));
        BitswapException missing = await Assert.ThrowsAsync<BitswapException>(
            () => node.Names.ResolveAsync(new NamePath("none.example", []), question, CancellationToken.None).AsTask());
        Assert.Equal("NameNotFound", missing.ErrorId);
        Assert.Equal(["_dnslink.docs.example", "_dnslink.none.example"], dns.Asked);
    }

    // after the type: the key and the record, as field 3 { key, value }
    private static byte[] DhtRecord(IpnsRecord record) =>
        NameRecords.Field(3, (byte[])[.. NameRecords.Field(1, IpnsName.RoutingKeyOf(record.Name)), .. NameRecords.Field(2, record.Bytes.Span)]);

    private static async Task<List<byte[]>> AskAsync(Uri router)
    {
        RoutingOptions options = new();
        using RouterHttp http = new(options);
        List<byte[]> records = [];
        using CancellationTokenSource late = new(_patience);
        await foreach (ReadOnlyMemory<byte> record in new DelegatedRouter(router, http, options, TimeProvider.System).FindRecordsAsync(_key.PeerId, late.Token))
        {
            records.Add(record.ToArray());
        }

        return records;
    }
}
