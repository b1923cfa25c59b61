using System.Net.Sockets;
using System.Text;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Psk;
using Bitswap.Libp2p.Tests.Transports.Tcp;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Security.Psk;

public sealed class PrivateChannelTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly SwarmKey _key = SwarmKey.Parse(Encoding.ASCII.GetBytes($"/key/swarm/psk/1.0.0/\n/base16/\n{new string('7', 64)}"));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public async Task Bytes_go_both_ways_however_they_are_cut(int maxReceive)
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair(maxReceive);
        await using PrivateChannel one = await PrivateChannel.OpenAsync(a, _key, default);
        await using PrivateChannel other = await PrivateChannel.OpenAsync(b, _key, default);
        byte[] data = [.. Enumerable.Range(0, 200_000).Select(static i => (byte)((i * 31) >> 3))];

        await one.WriteAsync(data.AsMemory(0, 3), default);
        await one.WriteAsync(ReadOnlyMemory<byte>.Empty, default);
        await one.WriteAsync(data.AsMemory(3), default);
        await other.WriteAsync(data.AsMemory(0, 1000), default);

        Assert.Equal(data, await ReadAsync(other, data.Length));
        Assert.Equal(data[..1000], await ReadAsync(one, 1000));
    }

    [Fact]
    public async Task What_goes_over_the_line_says_nothing_and_is_never_the_same()
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('a', 1000));
        List<byte[]> sent = [];
        for (int i = 0; i < 2; i++)
        {
            (MemoryChannel a, _) = MemoryChannel.CreatePair();
            await using PrivateChannel one = await PrivateChannel.OpenAsync(a, _key, default);
            await one.WriteAsync(text, default);
            Assert.Equal(24, a.Writes[0].Length);
            Assert.All(a.Writes, write => Assert.Equal(-1, write.AsSpan().IndexOf("aaaa"u8)));
            sent.AddRange(a.Writes);
        }

        Assert.Equal(sent.Count, sent.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public async Task A_connection_on_which_nothing_comes_holds_no_buffer()
    {
        (Socket a, Socket b) = await Loopback.ConnectAsync();
        await using PrivateChannel one = await PrivateChannel.OpenAsync(new TcpChannel(a), _key, default);
        TcpChannel carrier = new(b);
        await using PrivateChannel other = await PrivateChannel.OpenAsync(carrier, _key, default);
        for (byte i = 0; i < 3; i++)
        {
            await one.WriteAsync(new byte[] { i }, default);
            Assert.True(await other.FillAsync(1, default).AsTask().WaitAsync(_patience));
            Assert.Equal(i, other.Buffered.Span[0]);
            other.Consume(1);
            Task<bool> filling = other.FillAsync(1, default).AsTask();
            await Poll.UntilAsync(() => other.BufferSize == 0 && carrier.BufferSize == 0, "the buffers are given back");
            await one.WriteAsync(new byte[] { i }, default);
            Assert.True(await filling.WaitAsync(_patience));
            other.Consume(1);
        }
    }

    [Fact]
    public async Task One_that_is_disposed_gives_the_buffers_of_both_back()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        PrivateChannel one = await PrivateChannel.OpenAsync(a, _key, default);
        await using PrivateChannel other = await PrivateChannel.OpenAsync(b, _key, default);
        await other.WriteAsync(new byte[10], default);
        await ReadAsync(one, 10);
        Assert.NotEqual(0, a.BufferSize + one.BufferSize);

        await one.DisposeAsync();

        Assert.Equal((0, 0), (a.BufferSize, one.BufferSize));
        Assert.True(a.IsAborted);
    }

    [Fact]
    public async Task A_peer_that_greets_without_a_key_is_told_by_its_greeting()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair(5);
        await using PrivateChannel one = await PrivateChannel.OpenAsync(a, _key, default);
        await b.WriteAsync(Encoding.ASCII.GetBytes("\u0013/multistream/1.0.0\n"), default);

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => one.ReadAsync(new byte[10], default).AsTask());

        Assert.Equal(Libp2pErrorIds.PrivateNetwork, error.ErrorId);
    }

    [Fact]
    public async Task The_end_comes_through_wherever_it_is()
    {
        foreach (int length in (int[])[0, 10, 24])
        {
            (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
            await using PrivateChannel one = await PrivateChannel.OpenAsync(a, _key, default);
            await b.WriteAsync(new byte[length], default);
            b.CloseWrite();

            Assert.Equal(0, await one.ReadAsync(new byte[10], default));
        }
    }

    [Fact]
    public async Task A_write_that_is_cancelled_beforehand_leaves_the_connection_as_it_was()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        await using PrivateChannel one = await PrivateChannel.OpenAsync(a, _key, default);
        await using PrivateChannel other = await PrivateChannel.OpenAsync(b, _key, default);

        await Assert.ThrowsAsync<OperationCanceledException>(() => one.WriteAsync(new byte[10], new CancellationToken(true)).AsTask());
        await one.WriteAsync("still in step"u8.ToArray(), default);

        Assert.Equal("still in step"u8.ToArray(), await ReadAsync(other, 13));
        Assert.False(a.IsAborted);
    }

    private static async Task<byte[]> ReadAsync(PrivateChannel channel, int count)
    {
        byte[] all = new byte[count];
        int have = 0;
        while (have < count)
        {
            int read = await channel.ReadAsync(all.AsMemory(have), default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(0, read);
            have += read;
        }

        return all;
    }
}
