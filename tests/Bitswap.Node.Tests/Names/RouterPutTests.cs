using System.Text;
using Bitswap.Node.Names;
using Bitswap.Node.Routing.Http;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Names;

/// <summary>Records of names that are put to a router (Delegated Routing V1 HTTP API, <c>PUT /routing/v1/ipns/{name}</c>).</summary>
public sealed class RouterPutTests
{
    private static readonly IpnsRecord _record = NameRecords.Of(NameRecords.Key(1), "/ipfs/bafkqaaa");
    private static readonly PeerId _name = NameRecords.Key(1).PeerId;
    private static readonly string _place = $"/routing/v1/ipns/{IpnsName.TextOf(_name)}";

    [Fact]
    public async Task A_record_is_sent_whole_to_the_place_of_its_name()
    {
        await using RouterServer router = RouterServer.Of("");

        NamePut put = Assert.Single(await PutAsync(router));

        Assert.Null(put.Refusal);
        string head = Assert.Single(router.Requests);
        Assert.StartsWith($"PUT {_place} HTTP/1.1", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/vnd.ipfs.ipns-record", head);
        Assert.True(_record.Bytes.Span.SequenceEqual(Assert.Single(router.Bodies)));
    }

    [Theory]
    [InlineData("307 Temporary Redirect")]
    [InlineData("308 Permanent Redirect")]
    public async Task It_is_sent_again_to_where_a_router_leads(string status)
    {
        await using RouterServer other = RouterServer.Of("");
        await using RouterServer router = Leading(status, $"{other.Uri.AbsoluteUri.TrimEnd('/')}{_place}");

        await PutAsync(router);

        Assert.Single(router.Bodies);
        Assert.True(_record.Bytes.Span.SequenceEqual(Assert.Single(other.Bodies)));
    }

    [Theory]
    [InlineData("301 Moved Permanently")]
    [InlineData("302 Found")]
    [InlineData("303 See Other")]
    public async Task Where_another_request_would_have_to_be_made_it_is_refused(string status)
    {
        await using RouterServer other = RouterServer.Of("");
        await using RouterServer router = Leading(status, $"{other.Uri.AbsoluteUri.TrimEnd('/')}{_place}");

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => PutAsync(router));

        Assert.Equal(NodeErrorIds.RouterRefused, failure.ErrorId);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task The_reason_that_a_router_gives_is_told()
    {
        await using RouterServer router = RouterServer.Of("the record is older than one that is known", "text/plain", "400 Bad Request");

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => PutAsync(router));

        Assert.Equal(NodeErrorIds.RouterRefused, failure.ErrorId);
        Assert.Contains("400", failure.Message);
        Assert.Contains("older than one that is known", failure.Message);
    }

    private static RouterServer Leading(string status, string location) =>
        new((_, stream, token) => stream.WriteAsync(Encoding.ASCII.GetBytes(RouterServer.Head(status, null, $"Location: {location}", "Content-Length: 0")), token).AsTask());

    private static async Task<List<NamePut>> PutAsync(RouterServer router)
    {
        RoutingOptions options = new() { Routers = [router.Uri] };
        using RouterHttp http = new(options);
        List<NamePut> puts = [];
        await foreach (NamePut put in new DelegatedRouter(router.Uri, http, options, TimeProvider.System).PutRecordAsync(_name, _record.Bytes, default))
        {
            puts.Add(put);
        }

        return puts;
    }
}
