using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>A gateway that lies, falls silent, breaks off or fails.</summary>
public sealed class GatewayFaultTests : GatewayNode
{
    [Fact]
    public async Task Bytes_that_do_not_hash_to_the_CID_count_against_it_and_are_dropped()
    {
        Block other = Samples.Block(9, 5000);
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        gateway.Put(other, under: Sample.Cid);
        await using NodeHost node = await StartAsync(gateway);

        BlockUnavailableException missing = await MissAsync(node);

        PeerAnswer said = Assert.Single(missing.Asked);
        Assert.Equal((PeerAnswerKind.WrongBlock, "it answered with bytes that do not hash to the CID"), (said.Kind, said.Detail));
        NodeStat stat = await node.GetStatAsync();
        Assert.Equal((1, other.Data.Length), (stat.Engine.UnwantedBlocks, stat.Engine.UnwantedBytes));
        Assert.Null(await node.Blocks.GetAsync(other.Cid, default));
    }

    [Fact]
    public async Task One_that_lies_again_and_again_is_dropped()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        Block[] wanted = Samples.Blocks(3, 100);
        Block other = Samples.Block(99, 400_000);
        foreach (Block block in wanted)
        {
            gateway.Put(other, under: block.Cid);
        }

        await using NodeHost node = await StartAsync(gateway, configure: options => options with { Engine = options.Engine with { MaxUnwantedBytes = 1 << 20 } });
        gateway.Greeting = 500;
        foreach (Block block in wanted)
        {
            await MissAsync(node, block.Cid);
        }

        await Poll.UntilAsync(() => node.ConnectedPeers.Count == 0);
        Assert.Equal(3, gateway.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task More_bytes_than_a_block_may_have_are_not_read(bool isLengthSaid)
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        gateway.Fault = async context =>
        {
            context.Response.ContentLength = isLengthSaid ? 1L << 40 : null;
            byte[] much = new byte[64 * 1024];
            try
            {
                while (true)
                {
                    await context.Response.Body.WriteAsync(much, context.RequestAborted);
                }
            }
            catch (Exception end) when (end is OperationCanceledException or IOException)
            {
                return true;
            }
        };
        await using NodeHost node = await StartAsync(gateway, configure: options => options with { Wire = options.Wire with { MaxBlockSize = 1 << 20 } });

        PeerAnswer said = Assert.Single((await MissAsync(node)).Asked);

        Assert.Equal((PeerAnswerKind.TooBig, "it answered with more than the 1048576 bytes that a block may have"), (said.Kind, said.Detail));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_falls_silent_is_told_as_such(bool isInBody)
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        TaskCompletionSource over = new();
        gateway.Fault = async context =>
        {
            if (isInBody)
            {
                context.Response.ContentLength = 100;
                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
            }

            await Task.WhenAny(over.Task, Task.Delay(Timeout.Infinite, context.RequestAborted));
            return true;
        };
        await using NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = TimeSpan.FromMilliseconds(300) });

        PeerAnswer said = Assert.Single((await MissAsync(node)).Asked);

        over.SetResult();
        Assert.Equal(PeerAnswerKind.Refused, said.Kind);
        Assert.Contains(isInBody ? "it broke off after 10 bytes: nothing came for 0.3 seconds" : "said nothing for 0.3 seconds", said.Detail);
    }

    [Fact]
    public async Task A_connection_that_breaks_inside_a_block_is_made_again()
    {
        Block block = Samples.Block(3, 100_000);
        await using TestGateway gateway = await TestGateway.StartAsync([block]);
        int asked = 0;
        gateway.Fault = async context =>
        {
            if (Interlocked.Increment(ref asked) > 1)
            {
                return false;
            }

            context.Response.ContentLength = block.Data.Length;
            await context.Response.Body.WriteAsync(block.Data[..50_000]);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return true;
        };
        await using NodeHost node = await StartAsync(gateway);
        Block got = await FetchAsync(node, block.Cid);
        Assert.True(got.Data.Span.SequenceEqual(block.Data.Span));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task One_that_fails_again_and_again_is_let_go_with_the_reason()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([Sample]);
        gateway.FailWith(500);
        await using NodeHost node = await StartAsync(gateway, http => http with { MaxGatewayFailures = 2, MaxGatewayPause = TimeSpan.FromMilliseconds(50) });
        gateway.Greeting = 500;

        BlockUnavailableException missing = await MissAsync(node, timeout: TimeSpan.FromSeconds(3));

        PeerAnswer said = Assert.Single(missing.Asked);
        Assert.Contains("500 (InternalServerError)", said.Detail);
        await Poll.UntilAsync(() => node.ConnectedPeers.Count == 0);
        Assert.Equal(2, gateway.Requests.Count);
    }
}
