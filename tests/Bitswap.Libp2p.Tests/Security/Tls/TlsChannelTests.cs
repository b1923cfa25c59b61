using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Tls;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Security.Tls;

public sealed class TlsChannelTests
{
    [Fact]
    public async Task What_is_collected_leaves_in_one_send_whatever_number_of_records_it_takes()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        List<byte[]> writes = ((MemoryChannel)pair.RawDialer).Writes;
        int before = writes.Count;
        byte[] data = new Random(1).Bytes(200_000);
        for (int at = 0; at < data.Length; at += 10_000)
        {
            pair.Dialer.Write(data.AsSpan(at, 10_000));
        }
        Assert.Equal(data.Length, pair.Dialer.BufferedBytes);
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(0, pair.Dialer.BufferedBytes);
        Assert.Equal(before + 1, writes.Count);
        Assert.Equal(data, await pair.Listener.ReadUpToAsync(data.Length));
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(before + 1, writes.Count);
    }

    [Fact]
    public async Task What_is_read_is_consumed_in_parts()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        await pair.Dialer.WriteAsync("0123456789"u8.ToArray(), default);
        Assert.Equal("0123456789"u8.ToArray(), (await pair.Listener.ReadAsync(default).Within()).ToArray());
        pair.Listener.Advance(4);
        Assert.Equal("456789"u8.ToArray(), (await pair.Listener.ReadAsync(default).Within()).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Listener.Advance(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Listener.Advance(-1));
        pair.Listener.Advance(6);
    }

    [Fact]
    public async Task A_writer_that_does_not_flush_is_stopped_by_the_bound_and_no_send_is_over_it()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        List<byte[]> writes = ((MemoryChannel)pair.RawDialer).Writes;
        int before = writes.Count;
        byte[] data = new Random(1).Bytes(SecureChannel.FlushThreshold + (64 * 1024));
        pair.Dialer.Write(data);
        Assert.Throws<InvalidOperationException>(() => pair.Dialer.Write("x"u8));
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(data, await pair.Listener.ReadUpToAsync(data.Length));
        Assert.All(writes[before..], write => Assert.InRange(write.Length, 1, TlsCarrier.MaxBatch));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Random_pieces_both_ways_arrive_in_order(bool overLoopback) => Seeded.RunAsync(async random =>
    {
        await using TlsPair pair = overLoopback ? await TlsPair.OverLoopbackAsync() : await TlsPair.InMemoryAsync(maxReceive: 50_000);
        int total = overLoopback ? 16 << 20 : 3 << 20;
        byte[] up = random.Bytes(total);
        byte[] down = random.Bytes(total);
        Task<byte[]> atListener = ReceiveAsync(pair.Listener, total, new Random(random.Next()));
        Task<byte[]> atDialer = ReceiveAsync(pair.Dialer, total, new Random(random.Next()));
        Task sending = Task.WhenAll(SendAsync(pair.Dialer, up, new Random(random.Next())), SendAsync(pair.Listener, down, new Random(random.Next())));
        await Task.WhenAll(sending, atListener, atDialer).Within();
        byte[] received = await atListener;
        Assert.True(up.AsSpan().SequenceEqual(received), "up");
        received = await atDialer;
        Assert.True(down.AsSpan().SequenceEqual(received), "down");
    });

    [Fact]
    public async Task The_end_between_records_is_an_end_and_inside_one_an_error()
    {
        TlsPair pair = await TlsPair.InMemoryAsync();
        await pair.Dialer.WriteAsync("last"u8.ToArray(), default);
        ((MemoryChannel)pair.RawDialer).CloseWrite();
        Assert.Equal("last"u8.ToArray(), await pair.Listener.ReadUpToAsync(100));
        Assert.True((await pair.Listener.ReadAsync(default).Within()).IsEmpty);
        await pair.DisposeAsync();

        foreach (int cut in (int[])[1, 4, 5, 10, 25])
        {
            pair = await TlsPair.InMemoryAsync();
            MemoryChannel raw = (MemoryChannel)pair.RawDialer;
            raw.Tamper = (_, bytes) => bytes[..cut];
            await pair.Dialer.WriteAsync("last"u8.ToArray(), default);
            raw.CloseWrite();
            await AssertReadFailsAsync(pair, Libp2pErrorIds.ConnectionClosed, "inside an encrypted message");
            await pair.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(20)]
    public async Task A_changed_byte_of_a_record_closes_the_connection(int at)
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        MemoryChannel raw = (MemoryChannel)pair.RawDialer;
        raw.Tamper = (_, bytes) =>
        {
            bytes[at] ^= 1;
            return bytes;
        };
        await pair.Dialer.WriteAsync("last"u8.ToArray(), default);
        await AssertReadFailsAsync(pair, Libp2pErrorIds.ProtocolViolation, "The TLS connection failed");
    }

    [Fact]
    public async Task Records_swapped_repeated_or_left_out_close_the_connection()
    {
        foreach (int[] order in (int[][])[[1, 0], [0, 0], [1]])
        {
            await using TlsPair pair = await TlsPair.InMemoryAsync();
            MemoryChannel raw = (MemoryChannel)pair.RawDialer;
            int first = raw.Writes.Count;
            raw.Tamper = (_, _) => [];
            await pair.Dialer.WriteAsync("zero"u8.ToArray(), default);
            await pair.Dialer.WriteAsync("one!"u8.ToArray(), default);
            byte[][] sent = [.. raw.Writes[first..]];
            raw.Tamper = null;
            foreach (int i in order)
            {
                await raw.WriteAsync(sent[i], default);
            }
            if (order[0] == 0)
            {
                Assert.Equal("zero"u8.ToArray(), await pair.Listener.ReadUpToAsync(4));
            }
            await AssertReadFailsAsync(pair, Libp2pErrorIds.ProtocolViolation, "The TLS connection failed");
        }
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        MemoryChannel raw = (MemoryChannel)pair.RawDialer;
        raw.Tamper = (_, _) => [];
        await pair.Dialer.WriteAsync("whole"u8.ToArray(), default);
        byte[] message = raw.Writes[^1];
        raw.Tamper = null;
        for (int i = 0; i < message.Length - 1; i++)
        {
            await raw.WriteAsync(message.AsMemory(i, 1), default);
            using CancellationTokenSource cts = new();
            Task<ReadOnlyMemory<byte>> reading = pair.Listener.ReadAsync(cts.Token).AsTask();
            Assert.False(reading.IsCompleted);
            await cts.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Within());
        }
        await raw.WriteAsync(message.AsMemory(message.Length - 1), default);
        Assert.Equal("whole"u8.ToArray(), await pair.Listener.ReadUpToAsync(5));
    }

    [Fact]
    public async Task A_flush_cancelled_beforehand_keeps_what_was_written_and_a_write_sends_nothing()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        CancellationToken cancelled = new(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Dialer.WriteAsync("never"u8.ToArray(), cancelled).Within());
        Assert.Equal(0, pair.Dialer.BufferedBytes);
        pair.Dialer.Write("kept"u8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Dialer.FlushAsync(cancelled).Within());
        Assert.Equal(4, pair.Dialer.BufferedBytes);
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal("kept"u8.ToArray(), await pair.Listener.ReadUpToAsync(4));
    }

    [Fact]
    public async Task A_write_cancelled_midway_closes_the_connection()
    {
        await using TlsPair pair = await TlsPair.OverLoopbackAsync();
        using CancellationTokenSource cts = new();
        // more than both kernels' buffers hold, to a reader that does not read
        Task writing = pair.Dialer.WriteAsync(new byte[64 << 20], cts.Token).AsTask();
        Assert.False(writing.IsCompleted);
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.Within());
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => pair.Dialer.WriteAsync("x"u8.ToArray(), default).Within());
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, e.ErrorId);
    }

    [Fact]
    public async Task Abort_and_dispose_end_pending_reads_and_later_calls_with_ConnectionClosed()
    {
        TlsPair pair = await TlsPair.OverLoopbackAsync();
        Task<ReadOnlyMemory<byte>> reading = pair.Dialer.ReadAsync(default).AsTask();
        pair.Dialer.Abort();
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, (await Assert.ThrowsAsync<Libp2pException>(() => reading.Within())).ErrorId);
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, Assert.Throws<Libp2pException>(() => pair.Dialer.Write("x"u8)).ErrorId);

        pair.Listener.Write("x"u8);
        await pair.DisposeAsync();
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, (await Assert.ThrowsAsync<Libp2pException>(() => pair.Listener.FlushAsync(default).Within())).ErrorId);
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, (await Assert.ThrowsAsync<Libp2pException>(async () => await pair.Listener.ReadAsync(default).Within())).ErrorId);
        await pair.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_that_waits_holds_no_buffer()
    {
        await using TlsPair pair = await TlsPair.OverLoopbackAsync();
        await pair.Dialer.WriteAsync(new byte[100], default);
        Assert.Equal(100, (await pair.Listener.ReadUpToAsync(100)).Length);
        Task<ReadOnlyMemory<byte>> reading = pair.Listener.ReadAsync(default).AsTask();
        Assert.False(reading.IsCompleted);
        // the socket's own buffer is not looked at: the system may wake a wait for nothing, and the channel then holds one until bytes come
        Assert.Equal(0, pair.Listener.HeldBytes);
        await pair.Dialer.WriteAsync("x"u8.ToArray(), default);
        Assert.Equal("x"u8.ToArray(), (await reading.Within()).ToArray());
        Assert.NotEqual(0, pair.Listener.HeldBytes);
    }

    private static async Task AssertReadFailsAsync(TlsPair pair, string errorId, string words)
    {
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(async () => await pair.Listener.ReadAsync(default).Within());
        Assert.Equal(errorId, e.ErrorId);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Libp2pException>(async () => await pair.Listener.ReadAsync(default).Within());
        Assert.True(((MemoryChannel)pair.RawListener).IsAborted);
    }

    private static async Task SendAsync(TlsChannel channel, ReadOnlyMemory<byte> data, Random sizes)
    {
        while (!data.IsEmpty)
        {
            int count = Math.Min(data.Length, 1 + sizes.Next(sizes.Next(3) == 0 ? 100 : 65519));
            channel.Write(data.Span[..count]);
            data = data[count..];
            if (channel.BufferedBytes >= SecureChannel.FlushThreshold || sizes.Next(4) == 0)
            {
                await channel.FlushAsync(default);
            }
        }
        await channel.FlushAsync(default);
    }

    private static async Task<byte[]> ReceiveAsync(TlsChannel channel, int total, Random sizes)
    {
        byte[] data = new byte[total];
        for (int at = 0; at < total;)
        {
            int count;
            if (sizes.Next(2) == 0)
            {
                ReadOnlyMemory<byte> there = await channel.ReadAsync(CancellationToken.None);
                Assert.False(there.IsEmpty);
                count = 1 + sizes.Next(there.Length);
                there[..count].CopyTo(data.AsMemory(at));
                channel.Advance(count);
            }
            else
            {
                count = await channel.ReadAsync(data.AsMemory(at, 1 + sizes.Next(Math.Min(40_000, total - at))), CancellationToken.None);
                Assert.NotEqual(0, count);
            }
            at += count;
        }
        return data;
    }
}
