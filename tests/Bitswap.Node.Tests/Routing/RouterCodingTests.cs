using System.IO.Compression;
using System.Text;
using Bitswap.Node.Routing;
using Bitswap.Node.Routing.Http;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>Answers that are compressed, or begin with a byte order mark.</summary>
public sealed class RouterCodingTests
{
    private const string Peer = "12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99";
    private const string Record = $$"""{"Schema":"peer","ID":"{{Peer}}","Addrs":["/ip4/192.0.2.1/tcp/4001"],"Protocols":["transport-bitswap"]}""";
    private const string Lines = "application/x-ndjson";
    private const string Whole = "application/json";
    private static readonly Cid _cid = Samples.Block(1).Cid;

    [Theory]
    [InlineData("gzip", Lines)]
    [InlineData("gzip", Whole)]
    public async Task A_compressed_answer_is_read(string coding, string type)
    {
        await using RouterServer server = RouterServer.OfBytes(Compressed(Body(type), coding), type, coding);
        Assert.Equal(Peer, Assert.Single(await FindAsync(server)).Peer.ToString());
        Assert.Contains("Accept-Encoding: gzip", Assert.Single(server.Requests));
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    public async Task Another_coding_than_was_asked_for_is_an_error(string coding)
    {
        await using RouterServer server = RouterServer.OfBytes(Compressed(Body(Lines), coding), Lines, coding);
        Assert.Equal("InvalidRouterAnswer", (await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server))).ErrorId);
    }

    [Fact]
    public async Task An_answer_of_several_members_is_read()
    {
        byte[] second = Compressed(Encoding.UTF8.GetBytes(Record), "gzip");
        await using RouterServer server = RouterServer.OfBytes([.. Compressed(Body(Lines), "gzip"), .. second], Lines, "gzip");
        Assert.Equal(2, (await FindAsync(server)).Count);
    }

    [Fact]
    public async Task Wherever_a_compressed_answer_is_cut_it_is_no_answer()
    {
        byte[] whole = Compressed(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 99).Select(i => Record.Replace("4001", $"{i}", StringComparison.Ordinal)))), "gzip");
        for (int length = 0; length < whole.Length; length += 1 + (length / 4))
        {
            byte[] cut = whole[..length];
            await Assert.ThrowsAsync<InvalidDataException>(async () =>
            {
                await using GzipReader reader = new(new MemoryStream(cut));
                byte[] buffer = new byte[4096];
                while (await reader.ReadAsync(buffer, default) > 0)
                {
                }
            });
        }
    }

    [Theory]
    [InlineData(Lines)]
    [InlineData(Whole)]
    public async Task What_a_compressed_answer_becomes_is_bounded(string type)
    {
        byte[] large = [.. Body(type), .. new byte[2_000_000]];
        await using RouterServer server = RouterServer.OfBytes(Compressed(large, "gzip"), type, "gzip");
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server, new RoutingOptions { MaxRouterAnswerBytes = 100_000 }));
        Assert.Equal("InvalidRouterAnswer", failure.ErrorId);
        Assert.Contains("100000 bytes", failure.Message);
    }

    [Theory]
    [InlineData(Lines, false)]
    [InlineData(Whole, false)]
    [InlineData(Lines, true)]
    [InlineData(Whole, true)]
    public async Task What_is_not_compressed_as_it_says_or_is_cut_is_an_error(string type, bool isCut)
    {
        byte[] body = isCut ? Compressed(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 99).Select(i => Record + i))), "gzip")[..40] : Body(type);
        await using RouterServer server = RouterServer.OfBytes(body, type, "gzip");
        Assert.Equal("InvalidRouterAnswer", (await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server))).ErrorId);
    }

    [Theory]
    [InlineData(Lines, null)]
    [InlineData(Whole, null)]
    [InlineData(Lines, "gzip")]
    public async Task A_byte_order_mark_is_left_out(string type, string? coding)
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Body(type)];
        await using RouterServer server = RouterServer.OfBytes(coding is null ? body : Compressed(body, coding), type, coding);
        Assert.Equal(Peer, Assert.Single(await FindAsync(server)).Peer.ToString());
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF }, 0)]
    [InlineData(new byte[] { 0xEF, 0xBB }, 1)]
    [InlineData(new byte[] { 0xEF }, 1)]
    public async Task A_mark_alone_is_an_empty_answer_and_half_a_mark_is_none(byte[] body, int malformed)
    {
        await using RouterServer server = RouterServer.OfBytes([.. body, .. "\n"u8, .. Body(Lines)], Lines, null);
        ProviderTally tally = new();
        Assert.Single(await FindAsync(server, tally: tally));
        Assert.Equal(malformed, tally.Malformed);
    }

    private static byte[] Body(string type) => Encoding.UTF8.GetBytes(type == Lines ? Record + "\n" : $$"""{"Providers":[{{Record}}]}""");

    private static byte[] Compressed(byte[] data, string coding)
    {
        using MemoryStream target = new();
        using (Stream stream = coding switch
        {
            "gzip" => new GZipStream(target, CompressionMode.Compress),
            "deflate" => new ZLibStream(target, CompressionMode.Compress),
            _ => new BrotliStream(target, CompressionMode.Compress),
        })
        {
            stream.Write(data);
        }

        return target.ToArray();
    }

    private static async Task<List<FoundProvider>> FindAsync(RouterServer server, RoutingOptions? options = null, ProviderTally? tally = null)
    {
        using NodeRouting routing = new(options ?? new RoutingOptions(), TimeProvider.System);
        List<FoundProvider> found = [];
        await foreach (FoundProvider provider in routing.RouterOf(server.Uri).FindAsync(_cid, tally ?? new ProviderTally(), default))
        {
            found.Add(provider);
        }

        return found;
    }
}
