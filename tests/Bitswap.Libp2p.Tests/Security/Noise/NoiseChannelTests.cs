using System.Buffers.Binary;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Noise;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Security.Noise;

public sealed class NoiseChannelTests
{
    [Fact]
    public async Task Small_writes_are_collected_into_full_messages_and_leave_in_one_send()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
        List<byte[]> writes = ((MemoryChannel)pair.RawDialer).Writes;
        int before = writes.Count;
        byte[] data = new Random(1).Bytes(65519 + 10);
        for (int at = 0; at < data.Length; at += 10_000)
        {
            pair.Dialer.Write(data.AsSpan(at, Math.Min(10_000, data.Length - at)));
        }
        Assert.Equal(data.Length, pair.Dialer.BufferedBytes);
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(0, pair.Dialer.BufferedBytes);
        Assert.Equal(before + 1, writes.Count);
        Assert.Equal([65535, 10 + 16], MessageLengths(writes[^1]));
        Assert.Equal(data, await pair.Listener.ReadUpToAsync(data.Length));
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(before + 1, writes.Count);
    }

    [Fact]
    public async Task A_large_write_is_messages_of_its_own_between_what_is_collected()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
        List<byte[]> writes = ((MemoryChannel)pair.RawDialer).Writes;
        int before = writes.Count;
        byte[] data = new Random(1).Bytes(12 + 65507 + 12 + 16_384 + 16_383 + 5);
        int at = 0;
        foreach (int length in (int[])[12, 65507, 12, 16_384, 16_383, 5])
        {
            pair.Dialer.Write(data.AsSpan(at, length));
            at += length;
        }
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(before + 1, writes.Count);
        Assert.Equal([12 + 16, 65507 + 16, 12 + 16, 16_384 + 16, 16_383 + 5 + 16], MessageLengths(writes[^1]));
        Assert.Equal(data, await pair.Listener.ReadUpToAsync(data.Length));
    }

    [Fact]
    public async Task A_message_is_read_as_one_and_consumed_in_parts()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
        byte[] frame = new Random(1).Bytes(65519);
        pair.Dialer.Write(frame);
        await pair.Dialer.FlushAsync(default).Within();
        ReadOnlyMemory<byte> there = await pair.Listener.ReadAsync(default).Within();
        Assert.Equal(frame, there.ToArray());
        pair.Listener.Advance(12);
        there = await pair.Listener.ReadAsync(default).Within();
        Assert.Equal(frame[12..], there.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Listener.Advance(65508));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Listener.Advance(-1));
        pair.Listener.Advance(65507);
    }

    [Fact]
    public async Task The_most_messages_that_fit_between_flushes_fit()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
        byte[] data = new Random(1).Bytes(SecureChannel.FlushThreshold + 65519);
        int written = 0;
        for (bool small = true; written < data.Length; small = !small)
        {
            int count = Math.Min(small ? 1 : 16_384, data.Length - written);
            pair.Dialer.Write(data.AsSpan(written, count));
            written += count;
        }
        Assert.Throws<InvalidOperationException>(() => pair.Dialer.Write("x"u8));
        await pair.Dialer.FlushAsync(default).Within();
        Assert.Equal(data, await pair.Listener.ReadUpToAsync(data.Length));
    }

    [Fact]
    public async Task A_writer_that_does_not_flush_is_stopped_by_the_bound()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
        byte[] data = new Random(1).Bytes(SecureChannel.FlushThreshold - 1);
        byte[] frame = new Random(1).Bytes(65519);
        pair.Dialer.Write(data);
        pair.Dialer.Write(frame);
        Assert.Throws<InvalidOperationException>(() => pair.Dialer.Write(frame));
        await pair.Dialer.FlushAsync(default).Within();
        byte[] received = await pair.Listener.ReadUpToAsync(data.Length + frame.Length);
        Assert.Equal((byte[])[.. data, .. frame], received);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Random_pieces_both_ways_arrive_in_order(bool overLoopback) => Seeded.RunAsync(async random =>
    {
        await using NoisePair pair = overLoopback ? await NoisePair.OverLoopbackAsync() : await NoisePair.InMemoryAsync(maxReceive: 50_000);
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
    public async Task The_end_between_messages_is_an_end_and_inside_one_an_error()
    {
        NoisePair pair = await NoisePair.InMemoryAsync();
        await pair.Dialer.WriteAsync("last"u8.ToArray(), default);
        ((MemoryChannel)pair.RawDialer).CloseWrite();
        Assert.Equal("last"u8.ToArray(), await pair.Listener.ReadUpToAsync(100));
        Assert.True((await pair.Listener.ReadAsync(default).Within()).IsEmpty);
        await pair.DisposeAsync();

        foreach (int cut in (int[])[1, 2, 10, 21])
        {
            pair = await NoisePair.InMemoryAsync();
            MemoryChannel raw = (MemoryChannel)pair.RawDialer;
            raw.Tamper = (_, bytes) => bytes[..cut];
            await pair.Dialer.WriteAsync("last"u8.ToArray(), default);
            raw.CloseWrite();
            await AssertReadFailsAsync(pair, Libp2pErrorIds.ConnectionClosed);
            await pair.DisposeAsync();
        }
    }

    [Fact]
    public async Task Any_changed_byte_of_a_message_closes_the_connection()
    {
        for (int at = 0; at < 2 + 4 + 16; at++)
        {
            await using NoisePair pair = await NoisePair.InMemoryAsync();
            MemoryChannel raw = (MemoryChannel)pair.RawDialer;
            raw.Tamper = (_, bytes) =>
            {
                bytes[at] ^= 1;
                return bytes;
            };
            await pair.Dialer.WriteAsync("last"u8.ToArray(), default);
            raw.CloseWrite();
            // a greater length is an end inside the message
            await AssertReadFailsAsync(pair, at < 2 ? Libp2pErrorIds.ConnectionClosed : Libp2pErrorIds.ProtocolViolation);
        }
    }

    [Fact]
    public async Task Messages_swapped_repeated_or_left_out_close_the_connection()
    {
        foreach (int[] order in (int[][])[[1, 0], [0, 0], [1]])
        {
            await using NoisePair pair = await NoisePair.InMemoryAsync();
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
            await AssertReadFailsAsync(pair, Libp2pErrorIds.ProtocolViolation);
        }
    }

    [Fact]
    public async Task A_message_shorter_than_its_tag_closes_the_connection()
    {
        foreach (byte length in (byte[])[0, 15])
        {
            await using NoisePair pair = await NoisePair.InMemoryAsync();
            await pair.RawDialer.WriteAsync((byte[])[0, length], default);
            await AssertReadFailsAsync(pair, Libp2pErrorIds.ProtocolViolation);
        }
    }

    [Fact]
    public async Task Empty_messages_are_skipped_up_to_the_limit_in_a_row()
    {
        (NoiseCipherState send, NoiseCipherState receive) = CipherPair();
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        await using NoiseChannel listener = Channel(b, send: new NoiseCipherState(new byte[32]), receive, new NoiseOptions { MaxEmptyMessages = 2 });
        await SealAsync(a, send, "");
        await SealAsync(a, send, "");
        await SealAsync(a, send, "a");
        Assert.Equal("a"u8.ToArray(), await listener.ReadUpToAsync(1));
        await SealAsync(a, send, "");
        await SealAsync(a, send, "");
        await SealAsync(a, send, "b");
        Assert.Equal("b"u8.ToArray(), await listener.ReadUpToAsync(1));
        for (int i = 0; i < 3; i++)
        {
            await SealAsync(a, send, "");
        }
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(async () => await listener.ReadAsync(default).Within());
        Assert.Equal(Libp2pErrorIds.LimitExceeded, e.ErrorId);
        Assert.Contains(nameof(NoiseOptions.MaxEmptyMessages), e.Message, StringComparison.Ordinal);
        Assert.True(b.IsAborted);
        send.Dispose();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65537)]
    public void A_limit_of_empty_messages_out_of_range_is_refused(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NoiseOptions { MaxEmptyMessages = limit });

    [Fact]
    public async Task A_used_up_nonce_closes_the_connection_instead_of_repeating()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        byte[] key = new Random(1).Bytes(32);
        await using NoiseChannel one = Channel(a, new NoiseCipherState(key, ulong.MaxValue - 1), new NoiseCipherState(new byte[32]), NoiseOptions.Default);
        await using NoiseChannel other = Channel(b, new NoiseCipherState(new byte[32]), new NoiseCipherState(key, ulong.MaxValue - 1), NoiseOptions.Default);
        await one.WriteAsync("last"u8.ToArray(), default).Within();
        Assert.Equal("last"u8.ToArray(), await other.ReadUpToAsync(4));
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => one.WriteAsync("over"u8.ToArray(), default).Within());
        Assert.Equal(Libp2pErrorIds.LimitExceeded, e.ErrorId);
        Assert.True(a.IsAborted);
        Assert.Equal(4 + 18, a.Writes.Sum(w => w.Length));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
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
        await using NoisePair pair = await NoisePair.InMemoryAsync();
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
        await using NoisePair pair = await NoisePair.OverLoopbackAsync();
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
        NoisePair pair = await NoisePair.OverLoopbackAsync();
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

    private static List<int> MessageLengths(ReadOnlySpan<byte> sent)
    {
        List<int> lengths = [];
        while (!sent.IsEmpty)
        {
            lengths.Add(BinaryPrimitives.ReadUInt16BigEndian(sent));
            sent = sent[(2 + lengths[^1])..];
        }
        return lengths;
    }

    private static async Task AssertReadFailsAsync(NoisePair pair, string errorId)
    {
        for (int i = 0; i < 2; i++)
        {
            Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(async () => await pair.Listener.ReadAsync(default).Within());
            Assert.Equal(errorId, e.ErrorId);
        }
        Assert.True(((MemoryChannel)pair.RawListener).IsAborted);
    }

    private static async Task SendAsync(NoiseChannel channel, ReadOnlyMemory<byte> data, Random sizes)
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

    private static async Task<byte[]> ReceiveAsync(NoiseChannel channel, int total, Random sizes)
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

    private static NoiseChannel Channel(MemoryChannel raw, NoiseCipherState send, NoiseCipherState receive, NoiseOptions options) =>
        new(raw, send, receive, NoisePair.DialerIdentity.PublicKey, NoisePair.DialerIdentity.PeerId, null, [], options);

    private static (NoiseCipherState Send, NoiseCipherState Receive) CipherPair()
    {
        byte[] key = new Random(1).Bytes(32);
        return (new NoiseCipherState(key), new NoiseCipherState(key));
    }

    private static async Task SealAsync(MemoryChannel raw, NoiseCipherState cipher, string text)
    {
        byte[] message = new byte[2 + text.Length + 16];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(text.Length + 16));
        System.Text.Encoding.ASCII.GetBytes(text, message.AsSpan(2));
        cipher.Encrypt(message.AsSpan(2, text.Length), message.AsSpan(2 + text.Length));
        await raw.WriteAsync(message, default);
    }
}
