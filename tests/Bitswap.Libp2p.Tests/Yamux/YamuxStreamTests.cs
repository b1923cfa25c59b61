using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Yamux;

public sealed class YamuxStreamTests
{
    [Fact]
    public async Task Half_close_ends_one_direction_and_leaves_the_other()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        await opened.WriteAsync("request"u8.ToArray(), default).Within();
        await opened.CloseWriteAsync(default).Within();
        Assert.Equal("request"u8.ToArray(), await YamuxTools.ReadToEndAsync(accepted));
        Assert.Equal(0, await accepted.ReadAsync(new byte[1], default).Within());
        await accepted.WriteAsync("response"u8.ToArray(), default).Within();
        Assert.Equal(1, pair.Initiator.StreamCount);
        await accepted.CloseWriteAsync(default).Within();
        Assert.Equal("response"u8.ToArray(), await YamuxTools.ReadToEndAsync(opened));
        await Poll.UntilAsync(() => pair.Initiator.StreamCount + pair.Responder.StreamCount == 0, "both sides forget a closed stream");
        Assert.Equal(0, pair.Initiator.WindowBytes + pair.Responder.WindowBytes);
        Assert.False(opened.IsReset);
    }

    [Fact]
    public async Task Closing_for_writing_follows_a_write_that_waits_for_the_window()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        byte[] data = new byte[600_000];
        new Random(1).NextBytes(data);
        Task write = opened.WriteAsync(data, default).AsTask();
        await opened.CloseWriteAsync(default).Within();
        await opened.CloseWriteAsync(default).Within();
        Assert.False(write.IsCompleted);
        Assert.Equal(data, await YamuxTools.ReadToEndAsync(accepted));
        await write.Within();
        await Assert.ThrowsAsync<InvalidOperationException>(() => opened.WriteAsync(data, default).AsTask());
        await accepted.CloseWriteAsync(default).Within();
        await Poll.UntilAsync(() => pair.Initiator.StreamCount == 0, "the stream is forgotten");
    }

    [Fact]
    public async Task A_reset_wakes_reads_and_writes_of_both_sides()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        Task write = opened.WriteAsync(new byte[1_000_000], default).AsTask();
        Task read = opened.ReadAsync(new byte[1], default).AsTask();
        await Poll.UntilAsync(() => accepted.Receiver.BufferedBytes == YamuxOptions.SpecifiedWindow, "the window is filled");
        accepted.Reset();
        accepted.Reset();
        foreach (Task task in (Task[])[write, read, accepted.ReadAsync(new byte[1], default).AsTask(), Task.Run(async () => await accepted.CloseWriteAsync(default))])
        {
            await YamuxTools.ThrowsAsync(Libp2pErrorIds.StreamReset, () => task.Within());
        }
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.StreamReset, () => opened.WriteAsync(new byte[1], default).Within());
        Assert.True(opened.IsReset);
        Assert.True(accepted.IsReset);
        Assert.Equal(0, pair.Initiator.StreamCount + pair.Responder.StreamCount);
        Assert.Equal(0, pair.Responder.BufferedBytes);
    }

    [Fact]
    public async Task What_was_finished_before_a_reset_can_still_be_read()
    {
        // rust-yamux resets a stream that its owner drops after closing it: a response must survive that.
        await using var peer = new RawPeer(sessionIsInitiator: true);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        await peer.SendAsync(0, 2 | 4, 1, 3, [1, 2, 3]);
        await peer.SendAsync(0, 8, 1, 0);
        await Poll.UntilAsync(() => stream.IsReset, "the reset arrives");
        Assert.Equal([1, 2, 3], await YamuxTools.ReadToEndAsync(stream));
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.StreamReset, () => stream.WriteAsync(new byte[1], default).Within());
    }

    [Fact]
    public async Task Data_after_a_fin_costs_the_stream()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(0, 1 | 4, 1, 1, [1]);
        await peer.SendAsync(0, 0, 1, 2, [2, 3]);
        await peer.ExpectAsync(0, 8, 1, 0);
        await peer.SendAsync(2, 1, 0, 7);
        await peer.ExpectAsync(2, 2, 0, 7);
        Assert.Equal(0, peer.Session.StreamCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Bytes_arrive_whole_and_in_order_both_ways(int seed)
    {
        const int Total = 3_000_000;
        await using var pair = new YamuxPair(capacity: seed % 2 == 0 ? 40_000 : 700_000, largestRead: seed < 3 ? 65_519 : 1_777);
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        Task[] all =
        [
            SendAsync(opened, seed * 10, Total),
            SendAsync(accepted, (seed * 10) + 1, Total),
            ExpectAsync(accepted, seed * 10, Total),
            ExpectAsync(opened, (seed * 10) + 1, Total),
        ];
        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(60));
        await Poll.UntilAsync(() => pair.Initiator.StreamCount + pair.Responder.StreamCount == 0, "both sides forget a closed stream");
        Assert.Equal(0, pair.Initiator.BufferedBytes + pair.Responder.BufferedBytes);
        Assert.Equal(0, pair.Initiator.WindowBytes + pair.Responder.WindowBytes);
    }

    [Fact]
    public async Task A_thousand_streams_one_after_another_leave_nothing_behind()
    {
        await using var pair = new YamuxPair();
        Task server = EchoAllAsync(pair.Responder);
        for (int i = 0; i < 1000; i++)
        {
            YamuxStream stream = await pair.Initiator.OpenAsync(default).Within();
            byte[] message = BitConverter.GetBytes(i);
            await stream.WriteAsync(message, default).Within();
            await stream.CloseWriteAsync(default).Within();
            Assert.Equal(message, await YamuxTools.ReadToEndAsync(stream, 16));
        }
        await Poll.UntilAsync(() => pair.Initiator.StreamCount + pair.Responder.StreamCount == 0, "all streams are forgotten");
        Assert.Equal(0, pair.Initiator.WindowBytes + pair.Responder.WindowBytes);
        Assert.Equal(0, pair.Responder.RefusedStreams);
        await pair.Initiator.DisposeAsync().Within();
        await server.Within();
    }

    [Fact]
    public async Task Two_hundred_streams_at_once_keep_their_bytes_apart()
    {
        await using var pair = new YamuxPair(new YamuxOptions { ReceiveBudget = 64 * 1024 * 1024 }, capacity: 100_000);
        Task server = EchoAllAsync(pair.Responder);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            YamuxStream stream = await pair.Initiator.OpenAsync(default).Within();
            await Task.WhenAll(SendAsync(stream, i, 50_000), ExpectAsync(stream, i, 50_000));
        })).WaitAsync(TimeSpan.FromSeconds(60));
        await Poll.UntilAsync(() => pair.Initiator.StreamCount + pair.Responder.StreamCount == 0, "all streams are forgotten");
        await pair.Initiator.DisposeAsync().Within();
        await server.Within();
    }

    [Fact]
    public async Task Misuse_is_told_apart_from_failure()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        Task<int> read = opened.ReadAsync(new byte[10], default).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => opened.ReadAsync(new byte[10], default).AsTask());
        Task write = opened.WriteAsync(new byte[300_000], default).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => opened.WriteAsync(new byte[1], default).AsTask());
        await accepted.WriteAsync(new byte[] { 42 }, default).Within();
        Assert.Equal(1, await read.Within());
        await YamuxTools.ReadExactlyAsync(accepted, new byte[300_000]);
        await write.Within();
        Assert.Equal(0, await opened.ReadAsync(Memory<byte>.Empty, default).Within());
        await opened.WriteAsync(ReadOnlyMemory<byte>.Empty, default).Within();
        Assert.Throws<InvalidOperationException>(() => { _ = pair.Initiator.RunAsync(); });
    }

    private static async Task SendAsync(YamuxStream stream, int seed, int total)
    {
        var random = new Random(seed);
        byte[] data = new byte[total];
        random.NextBytes(data);
        for (int sent = 0; sent < total;)
        {
            int count = Math.Min(total - sent, random.Next(1, random.Next(4) == 0 ? 400_000 : 3_000));
            await stream.WriteAsync(data.AsMemory(sent, count), default);
            sent += count;
        }
        await stream.CloseWriteAsync(default);
    }

    private static async Task ExpectAsync(YamuxStream stream, int seed, int total)
    {
        byte[] expected = new byte[total];
        new Random(seed).NextBytes(expected);
        var random = new Random(seed + 1000);
        byte[] buffer = new byte[200_000];
        int received = 0;
        while (true)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)), default);
            if (count == 0)
            {
                break;
            }
            Assert.True(buffer.AsSpan(0, count).SequenceEqual(expected.AsSpan(received, count)), $"seed {seed}: wrong bytes from {received}");
            received += count;
        }
        Assert.Equal(total, received);
    }

    private static async Task EchoAllAsync(YamuxSession session)
    {
        var running = new List<Task>();
        while (await session.AcceptAsync(default) is { } stream)
        {
            running.Add(EchoAsync(stream));
        }
        await Task.WhenAll(running);
    }

    private static async Task EchoAsync(YamuxStream stream)
    {
        byte[] buffer = new byte[7_000];
        int count;
        while ((count = await stream.ReadAsync(buffer, default)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), default);
        }
        await stream.CloseWriteAsync(default);
    }
}
