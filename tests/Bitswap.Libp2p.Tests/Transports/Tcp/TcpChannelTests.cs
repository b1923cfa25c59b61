using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Transports.Tcp;

public sealed class TcpChannelTests
{
    [Fact]
    public async Task It_sets_NoDelay_and_tells_both_addresses()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);
        await using TcpChannel other = new(b);
        Assert.True(a.NoDelay);
        Assert.Equal(one.LocalEndPoint, other.RemoteEndPoint);
        Assert.Equal(other.LocalEndPoint, one.RemoteEndPoint);
    }

    [Fact]
    public Task Reads_small_and_large_and_fills_see_one_run_of_bytes() => Seeded.RunAsync(async random =>
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);
        await using TcpChannel other = new(b);
        byte[] data = new byte[4 << 20];
        random.NextBytes(data);
        Task writing = WriteAllAsync(one, data, new Random(random.Next()));
        int at = 0;
        byte[] piece = new byte[70_000];
        while (at < data.Length)
        {
            int size = 1 + random.Next(random.Next(2) == 0 ? 50 : piece.Length);
            if (random.Next(3) == 0)
            {
                size = Math.Min(size, data.Length - at);
                Assert.True(await other.FillAsync(size, default).Within());
                Assert.True(other.Buffered.Span[..size].SequenceEqual(data.AsSpan(at, size)));
                other.Consume(size);
            }
            else
            {
                size = await other.ReadAsync(piece.AsMemory(0, size), default).Within();
                Assert.True(piece.AsSpan(0, size).SequenceEqual(data.AsSpan(at, size)));
            }
            at += size;
        }
        await writing.Within();
        one.Abort();
        Assert.Equal(0, await other.ReadAsync(piece, default).Within());
        Assert.False(await other.FillAsync(1, default).Within());
    });

    [Fact]
    public async Task The_buffer_grows_with_traffic_and_shrinks_without()
    {
        (MemoryChannel one, MemoryChannel other) = MemoryChannel.CreatePair();
        await one.WriteAsync(new byte[2 << 20], default);
        for (int i = 0; i < 32; i++)
        {
            Assert.True(await other.FillAsync(65537 - (i == 31 ? 32 : 0), default).Within());
            Assert.InRange(other.BufferSize, BufferedChannel.MinBuffer, BufferedChannel.MaxBuffer);
            other.Consume(65537 - (i == 31 ? 32 : 0));
        }
        Assert.Equal(BufferedChannel.MaxBuffer, other.BufferSize);
        Assert.True(other.Buffered.IsEmpty);
        for (int i = 0; i < 40; i++)
        {
            await one.WriteAsync(new byte[100], default);
            Assert.True(await other.FillAsync(100, default).Within());
            other.Consume(100);
        }
        Assert.Equal(BufferedChannel.MinBuffer, other.BufferSize);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_comes_holds_no_buffer()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);
        await using TcpChannel other = new(b);
        for (byte i = 0; i < 3; i++)
        {
            Task<bool> filling = other.FillAsync(2, default).AsTask();
            Assert.Equal(0, other.BufferSize);
            await one.WriteAsync(new byte[] { i }, default);
            await Poll.UntilAsync(() => other.BufferSize > 0);
            Assert.False(filling.IsCompleted);
            await one.WriteAsync(new byte[] { 7 }, default);
            Assert.True(await filling.Within());
            Assert.Equal(new byte[] { i, 7 }, other.Buffered.ToArray());
            other.Consume(2);
        }

        one.Abort();
        Assert.False(await other.FillAsync(1, default).Within());
    }

    [Fact]
    public async Task A_large_buffer_goes_after_a_long_wait()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);

        // each wait counts as a long one
        await using TcpChannel other = new(b) { LongWait = 0 };
        Task writing = one.WriteAsync(new byte[BufferedChannel.MaxBuffer], default).AsTask();
        Assert.True(await other.FillAsync(BufferedChannel.MaxBuffer, default).Within());
        await writing.Within();
        Assert.True(other.BufferSize >= BufferedChannel.MaxBuffer);
        other.Consume(BufferedChannel.MaxBuffer);
        _ = other.FillAsync(1, default).AsTask();
        Assert.Equal(0, other.BufferSize);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);
        await using TcpChannel other = new(b);
        await one.WriteAsync("abc"u8.ToArray(), default);
        Assert.True(await other.FillAsync(3, default).Within());
        using CancellationTokenSource cts = new();
        Task<bool> filling = other.FillAsync(6, cts.Token).AsTask();
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filling.Within());
        await one.WriteAsync("def"u8.ToArray(), default);
        Assert.Equal("abcdef"u8.ToArray(), await other.ReadUpToAsync(6));
    }

    [Fact]
    public async Task A_write_cancelled_beforehand_sends_nothing_and_one_cancelled_midway_closes()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);
        await using TcpChannel other = new(b);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.WriteAsync("x"u8.ToArray(), new CancellationToken(true)).Within());
        await one.WriteAsync("y"u8.ToArray(), default);
        Assert.Equal("y"u8.ToArray(), await other.ReadUpToAsync(1));

        // more than both kernels' buffers hold, to a reader that does not read
        using CancellationTokenSource cts = new();
        Task writing = one.WriteAsync(new byte[64 << 20], cts.Token).AsTask();
        Assert.False(writing.IsCompleted);
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.Within());
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => one.WriteAsync("z"u8.ToArray(), default).Within());
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, e.ErrorId);
    }

    [Fact]
    public async Task Abort_ends_a_pending_read_and_write_with_ConnectionClosed()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using TcpChannel one = new(a);
        await using TcpChannel other = new(b);
        Task<bool> filling = one.FillAsync(1, default).AsTask();
        Task<int> reading = other.ReadAsync(new byte[8192], default).AsTask();
        Task writing = one.WriteAsync(new byte[64 << 20], default).AsTask();
        one.Abort();
        one.Abort();
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, (await Assert.ThrowsAsync<Libp2pException>(() => filling.Within())).ErrorId);
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, (await Assert.ThrowsAsync<Libp2pException>(() => writing.Within())).ErrorId);
        other.Abort();
        // either bytes of the write had come, or the connection is gone
        if (await Record.ExceptionAsync(() => reading.Within()) is { } e)
        {
            Assert.Equal(Libp2pErrorIds.ConnectionClosed, Assert.IsType<Libp2pException>(e).ErrorId);
        }
    }

    [Fact]
    public async Task A_disposed_channel_refuses_reads_and_gives_its_buffer_back()
    {
        (MemoryChannel one, MemoryChannel other) = MemoryChannel.CreatePair();
        await one.WriteAsync("a"u8.ToArray(), default);
        Assert.True(await other.FillAsync(1, default).Within());
        other.Consume(1);
        Task<bool> pending = other.FillAsync(1, default).AsTask();
        await other.DisposeAsync();
        await Assert.ThrowsAsync<Libp2pException>(() => pending.Within());
        Assert.Equal(0, other.BufferSize);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => other.FillAsync(1, default).Within());
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, e.ErrorId);
    }

    [Fact]
    public async Task A_second_read_at_the_same_time_is_refused()
    {
        (MemoryChannel _, MemoryChannel other) = MemoryChannel.CreatePair();
        Task<bool> pending = other.FillAsync(1, default).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.FillAsync(1, default).Within());
        await other.DisposeAsync();
        await Assert.ThrowsAsync<Libp2pException>(() => pending.Within());
    }

    private static async Task WriteAllAsync(TcpChannel channel, ReadOnlyMemory<byte> data, Random random)
    {
        while (!data.IsEmpty)
        {
            int count = Math.Min(data.Length, 1 + random.Next(200_000));
            await channel.WriteAsync(data[..count], default);
            data = data[count..];
        }
    }
}
