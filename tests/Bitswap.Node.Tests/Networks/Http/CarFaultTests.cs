using Bitswap.Multiformats;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>Whatever is wrong with a CAR, the blocks come by requests of their own, and nothing is taken that is not verified.</summary>
public sealed class CarFaultTests : CarNode
{
    [Fact]
    public async Task One_of_a_file_that_breaks_off_again_and_again_goes_on_from_there_by_another()
    {
        SampleGraph file = await SampleGraph.FileAsync(1, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        gateway.Cars.BreaksAfter = 40;

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));

        // The root and 39 parts of 10 000 bytes by each, and the rest by the last.
        Assert.Equal(
            ["dag-scope=entity", "dag-scope=entity&entity-bytes=390000:*", "dag-scope=entity&entity-bytes=780000:*"],
            gateway.CarRequests.Select(request => request.Query["?format=car&".Length..request.Query.IndexOf("&car-version", StringComparison.Ordinal)]));
        Assert.Empty(gateway.BlockRequests);
        Assert.Single(node.ConnectedPeers);
    }

    [Fact]
    public async Task One_of_a_range_goes_on_to_the_end_of_the_range()
    {
        SampleGraph file = await SampleGraph.FileAsync(13, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        gateway.Cars.BreaksAfter = 40;

        byte[] got = await ReadAsync(node, new GraphRange(file.Root, GraphScope.Entity) { From = 200_000, Count = 600_000 });

        Assert.Equal(file.Content[200_000..800_000], got);
        Assert.Equal(2, gateway.CarRequests.Count);
        Assert.Contains("entity-bytes=590000:799999&", gateway.CarRequests[1].Query);
        Assert.Empty(gateway.BlockRequests);
    }

    [Fact]
    public async Task One_of_a_folder_that_breaks_off_goes_on_with_the_folders_that_it_did_not_come_to()
    {
        using TempFolder folder = new();
        SampleGraph tree = await SampleGraph.FolderAsync(folders: 20, files: 10, size: 3000, chunk: 1024);
        await using TestGateway gateway = await TestGateway.StartAsync(tree.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        gateway.Cars.BreaksAfter = 100;

        Assert.Equal(tree.Content, await SaveAsync(node, tree.Root, folder));

        // A folder has 41 blocks: it broke off in the third, of which the rest is asked for block by block.
        Assert.Equal(821, tree.Blocks.Count);
        Assert.Equal(18, gateway.CarRequests.Count);
        Assert.InRange(gateway.BlockRequests.Count, 1, 41);
    }

    [Fact]
    public async Task One_that_brings_few_blocks_is_not_asked_for_again()
    {
        SampleGraph file = await SampleGraph.FileAsync(14, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        gateway.Cars.BreaksAfter = 4;

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.Equal(file.Blocks.Count - 4, gateway.BlockRequests.Count);
    }

    [Fact]
    public async Task A_gateway_that_refuses_to_go_on_is_asked_block_by_block()
    {
        SampleGraph file = await SampleGraph.FileAsync(15, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.BreaksAfter = 40;
        gateway.FailCars(context =>
        {
            bool isLater = context.Request.Query.ContainsKey("entity-bytes");
            context.Response.StatusCode = isLater ? 400 : 200;
            return Task.FromResult(isLater);
        });
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Equal(2, gateway.CarRequests.Count);
        Assert.Equal(file.Blocks.Count - 40, gateway.BlockRequests.Count);
    }

    [Fact]
    public async Task One_with_a_wrong_block_is_left_there()
    {
        SampleGraph file = await SampleGraph.FileAsync(2, 500_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Arrange = blocks => blocks.Select((block, i) => i == 10 ? new Block(block.Cid, Sample.Data) : block);
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.Equal(file.Blocks.Count - 10, gateway.BlockRequests.Count);
    }

    [Fact]
    public async Task One_that_ends_early_is_no_failure_and_what_it_lacks_is_asked_for()
    {
        SampleGraph file = await SampleGraph.FileAsync(3, 500_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Arrange = static blocks => blocks.Take(30);
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Equal(file.Blocks.Count - 30, gateway.BlockRequests.Count);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(4 << 20)]
    public async Task One_of_another_graph_is_of_no_use_and_does_no_harm(int size)
    {
        SampleGraph file = await SampleGraph.FileAsync(4, 200_000, 10_000);
        SampleGraph other = await SampleGraph.FileAsync(5, size, 50_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Arrange = _ => other.Blocks;
        await using NodeHost node = await StartAsync(gateway, http => http with { MaxCarBytes = 1 << 20 });

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.Equal(file.Blocks.Count, gateway.BlockRequests.Count);
        Assert.Equal(0, (await node.GetStatAsync()).Engine.UnwantedBlocks);
        Assert.Null(await node.Blocks.GetAsync(other.Root, default));
    }

    public static TheoryData<string, byte[]> EndlessCars => new()
    {
        // the empty block, over and over
        { "duplicates", [37, .. Cid.Compute(Multicodec.Raw, default).ToByteArray(), .. new byte[0]] },
        { "a section that is larger than any block", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02] },
        { "a CAR of version 2 whose data is far on", [] },
    };

    [Theory]
    [MemberData(nameof(EndlessCars))]
    public async Task One_without_an_end_is_left_and_holds_nothing_up(string what, byte[] begin)
    {
        SampleGraph file = await SampleGraph.FileAsync(9, 100_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.FailCars(async context =>
        {
            context.Response.ContentType = gateway.Cars.Type;
            bool isDuplicates = what == "duplicates";
            await context.Response.Body.WriteAsync(begin.Length == 0
                ? (byte[])[0x0a, 0xa1, 0x67, .. "version"u8, 0x02, .. new byte[16], 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]]
                : TestCars.Write(file.Root, []));
            byte[] more = isDuplicates ? [.. Enumerable.Repeat(begin, 2000).SelectMany(static section => section)] : new byte[64 * 1024];
            if (!isDuplicates)
            {
                await context.Response.Body.WriteAsync((byte[])[.. begin, .. Cid.Compute(Multicodec.Raw, Sample.Data.Span).ToByteArray()]);
            }

            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(more);
            }

            return true;
        });
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.Equal(file.Blocks.Count, gateway.BlockRequests.Count);
    }

    [Fact]
    public async Task A_gateway_that_refuses_one_graph_is_asked_for_another()
    {
        SampleGraph file = await SampleGraph.FileAsync(10, 100_000, 10_000);
        SampleGraph next = await SampleGraph.FileAsync(11, 100_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync([.. file.Blocks, .. next.Blocks]);
        gateway.FailCars(context =>
        {
            bool isFirst = context.Request.Path.Value!.Contains(file.Root.ToString(), StringComparison.Ordinal);
            context.Response.StatusCode = isFirst ? 451 : 200;
            return Task.FromResult(isFirst);
        });
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Equal(next.Content, await ReadAsync(node, next.Root));
        Assert.Equal(2, gateway.CarRequests.Count);
        Assert.Equal(file.Blocks.Count, gateway.BlockRequests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(406)]
    [InlineData(415)]
    [InlineData(429)]
    [InlineData(501)]
    [InlineData(504)]
    public async Task Where_a_CAR_cannot_be_had_blocks_are_asked_for(int status)
    {
        SampleGraph file = await SampleGraph.FileAsync(6, 100_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.FailCars(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = status == 429 ? "1" : default;
            return Task.FromResult(true);
        });
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.Equal(file.Blocks.Count, gateway.BlockRequests.Count);
    }

    [Theory]
    [InlineData("application/vnd.ipld.raw")]
    [InlineData("text/html")]
    [InlineData(null)]
    public async Task One_that_answers_with_something_else_is_not_asked_for_a_CAR_again(string? type)
    {
        SampleGraph file = await SampleGraph.FileAsync(7, 100_000, 10_000);
        SampleGraph next = await SampleGraph.FileAsync(8, 100_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync([.. file.Blocks, .. next.Blocks]);
        gateway.Cars.Type = type;
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Equal(next.Content, await ReadAsync(node, next.Root));
        Assert.EndsWith($"/{file.Root}", Assert.Single(gateway.CarRequests).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_no_CAR_is_left()
    {
        SampleGraph file = await SampleGraph.FileAsync(9, 100_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.FailCars(async context =>
        {
            context.Response.ContentType = InOrder;
            await context.Response.WriteAsync("no CAR at all");
            return true;
        });
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Equal(file.Blocks.Count, gateway.BlockRequests.Count);
    }

    [Fact]
    public async Task One_that_falls_silent_is_left()
    {
        SampleGraph file = await SampleGraph.FileAsync(10, 500_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Before = static (sent, aborted) => sent == 10 ? Task.Delay(Timeout.InfiniteTimeSpan, aborted) : Task.CompletedTask;
        await using NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = TimeSpan.FromMilliseconds(500) });

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.InRange(gateway.BlockRequests.Count, file.Blocks.Count - 10, file.Blocks.Count);
    }

    [Fact]
    public async Task One_that_leads_elsewhere_is_followed_and_one_that_leads_round_is_left()
    {
        SampleGraph file = await SampleGraph.FileAsync(11, 100_000, 10_000);
        await using TestGateway gives = await TestGateway.StartAsync(file.Blocks);
        await using TestGateway leads = await TestGateway.StartAsync([]);
        leads.Fault = context =>
        {
            context.Response.Redirect($"{gives.Uri.AbsoluteUri.TrimEnd('/')}{context.Request.Path}{context.Request.QueryString}");
            return Task.FromResult(true);
        };
        await using TestGateway loops = await TestGateway.StartAsync(file.Blocks);
        loops.FailCars(context =>
        {
            context.Response.Redirect($"{context.Request.Path}{context.Request.QueryString}");
            return Task.FromResult(true);
        });
        await using NodeHost follows = await StartAsync(leads);
        await using NodeHost isLed = await StartAsync(loops);

        Assert.Equal(file.Content, await ReadAsync(follows, file.Root));
        Assert.Equal(file.Content, await ReadAsync(isLed, file.Root));

        Assert.True(Assert.Single(gives.Requests).IsForCar);
        Assert.Equal(4, loops.CarRequests.Count);
        Assert.Equal(file.Blocks.Count, loops.BlockRequests.Count);
    }

    [Fact]
    public async Task A_node_stops_while_a_CAR_comes()
    {
        SampleGraph file = await SampleGraph.FileAsync(12, 500_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Cars.Before = async (sent, aborted) =>
        {
            if (sent == 10)
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, aborted);
            }
        };
        NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = Patience });
        Task<byte[]> reading = ReadAsync(node, file.Root);
        await reached.Task.WaitAsync(Patience);

        await node.StopAsync().WaitAsync(Patience);

        BitswapException stopped = await Assert.ThrowsAnyAsync<BitswapException>(() => reading);
        Assert.Equal("NodeStopped", stopped.ErrorId);
    }
}
