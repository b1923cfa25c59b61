using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Yamux;

public sealed class YamuxWindowTests
{
    private const int Window = YamuxOptions.SpecifiedWindow;

    [Fact]
    public async Task A_writer_stops_at_the_window_and_goes_on_with_each_credit()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        byte[] data = new byte[Window + 1000];
        new Random(5).NextBytes(data);
        Task write = stream.WriteAsync(data, default).AsTask();
        int sent = 0;
        foreach (int length in (int[])[YamuxSender.MaxPayload, YamuxSender.MaxPayload, YamuxSender.MaxPayload, YamuxSender.MaxPayload, Window - (4 * YamuxSender.MaxPayload)])
        {
            await peer.ExpectAsync(0, 0, 1, (uint)length, data[sent..(sent + length)]);
            sent += length;
        }
        await peer.ExpectSilenceAsync();
        Assert.False(write.IsCompleted);
        await peer.SendAsync(1, 2, 1, 400);
        await peer.ExpectAsync(0, 0, 1, 400, data[sent..(sent + 400)]);
        await peer.SendAsync(1, 0, 1, 5000);
        await peer.ExpectAsync(0, 0, 1, 600, data[(sent + 400)..]);
        await write.Within();
    }

    [Fact]
    public async Task Credit_is_what_was_consumed_and_not_before_half_the_window()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        byte[] data = new byte[Window];
        await peer.SendAsync(0, 1, 1, Window, data);
        YamuxStream stream = (await peer.Session.AcceptAsync(default).Within())!;
        await peer.ExpectAsync(1, 2, 1, 0);
        await YamuxTools.ReadExactlyAsync(stream, new byte[(Window / 2) - 1]);
        await peer.ExpectSilenceAsync();
        await YamuxTools.ReadExactlyAsync(stream, new byte[101]);
        byte[] both = await peer.ReceiveAsync(24);
        Assert.Contains(Convert.ToHexStringLower(RawPeer.Header(1, 0, 1, (Window / 2) + 100)), Convert.ToHexStringLower(both));
        Assert.Contains(Convert.ToHexStringLower(RawPeer.Header(2, 1, 0, 0)), Convert.ToHexStringLower(both));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_byte_over_the_window_is_fatal(bool inPieces)
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(1, 1, 1, 0);
        YamuxStream stream = (await peer.Session.AcceptAsync(default).Within())!;
        await peer.ExpectAsync(1, 2, 1, 0);
        if (inPieces)
        {
            await peer.SendAsync(0, 0, 1, Window, new byte[Window]);
            await peer.SendAsync(0, 0, 1, 1, [1]);
        }
        else
        {
            await peer.SendAsync(0, 0, 1, Window + 1);
        }
        await peer.ExpectGoAwayAsync(1);
        Assert.Equal(Libp2pErrorIds.ProtocolViolation, peer.Session.Fault?.ErrorId);
        int kept = inPieces ? Window : 0;
        await YamuxTools.ReadExactlyAsync(stream, new byte[kept]);
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => stream.ReadAsync(new byte[1], default).Within());
    }

    [Fact]
    public async Task A_window_of_more_than_32_bits_is_fatal()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(1, 1, 1, uint.MaxValue - Window);
        await peer.SendAsync(1, 0, 1, 1);
        await peer.ExpectGoAwayAsync(1);
    }

    [Fact]
    public async Task The_error_code_of_a_reset_is_not_credit()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(1, 1, 1, 0);
        await peer.SendAsync(1, 8, 1, uint.MaxValue);
        await peer.SendAsync(2, 1, 0, 3);
        await peer.ExpectAsync(2, 2, 0, 3);
        Assert.Null(peer.Session.Fault);
        Assert.Equal(0, peer.Session.StreamCount);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(99, 4)]
    [InlineData(101, 2)]
    [InlineData(199, 2)]
    [InlineData(201, 1)]
    public async Task A_window_grows_by_how_quickly_half_of_it_is_read(int milliseconds, int factor)
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        uint credit = await ConsumeHalfAsync(peer, stream, TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal((uint)((Window / 2) + ((factor - 1) * Window)), credit);
        Assert.Equal(factor * Window, stream.ReceiveWindow);
    }

    [Fact]
    public async Task A_window_grows_to_the_maximum_and_no_further()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { MaxWindow = 8 * Window });
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        foreach (int expected in (int[])[4 * Window, 8 * Window, 8 * Window])
        {
            await ConsumeHalfAsync(peer, stream);
            Assert.Equal(expected, stream.ReceiveWindow);
        }
        Assert.Equal(8 * Window, peer.Session.WindowBytes);
    }

    [Fact]
    public async Task A_window_does_not_grow_for_a_slow_reader()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal((uint)Window / 2, await ConsumeHalfAsync(peer, stream, TimeSpan.FromMilliseconds(200)));
        }
        Assert.Equal(Window, stream.ReceiveWindow);
    }

    [Fact]
    public async Task A_stream_that_was_idle_is_not_slow_for_that()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        peer.Time.Advance(TimeSpan.FromSeconds(5));
        await ConsumeHalfAsync(peer, stream);
        Assert.Equal(4 * Window, stream.ReceiveWindow);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public async Task Three_round_trips_make_the_largest_window_of_the_first(int milliseconds)
    {
        var roundTrip = TimeSpan.FromMilliseconds(milliseconds);
        await using var peer = new RawPeer(sessionIsInitiator: false);
        YamuxStream stream = await AcceptMeasuredAsync(peer, roundTrip);
        long credit = Window;
        int trips = 0;

        // each time the peer sends all it may, and hears a round trip later what it may send then
        while (stream.ReceiveWindow < YamuxOptions.Default.MaxWindow)
        {
            await peer.SendAsync(0, 0, 1, (uint)credit, new byte[credit]);
            await YamuxTools.ReadExactlyAsync(stream, new byte[credit]);
            peer.Time.Advance(roundTrip);
            credit = 0;
            await peer.SendAsync(2, 1, 0, 77);
            for (YamuxHeader header = YamuxHeader.Read(await peer.ReceiveAsync(12)); header.Type != YamuxFrameType.Ping || !header.Has(YamuxFlags.Ack);
                header = YamuxHeader.Read(await peer.ReceiveAsync(12)))
            {
                credit += header.Type == YamuxFrameType.WindowUpdate ? header.Length : 0;
            }
            trips++;
        }
        Assert.Equal(3, trips);
    }

    [Fact]
    public async Task Of_a_large_window_each_eighth_that_is_read_is_credit()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        await ConsumeHalfAsync(peer, stream);
        await ConsumeHalfAsync(peer, stream);
        Assert.Equal(16 * Window, stream.ReceiveWindow);
        peer.Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(2u * Window, await ConsumeAsync(peer, stream, 2 * Window, TimeSpan.Zero));
        }
        Assert.Equal(16 * Window, stream.ReceiveWindow);
    }

    [Fact]
    public async Task A_window_does_not_grow_past_the_budget_of_the_connection()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { ReceiveBudget = 4 * Window });
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        await peer.SendAsync(1, 1, 3, 0);
        await peer.SendAsync(1, 1, 5, 0);
        await ConsumeHalfAsync(peer, stream);
        await ConsumeHalfAsync(peer, stream);
        Assert.Equal(2 * Window, stream.ReceiveWindow);
        await peer.SendAsync(1, 8, 3, 0);
        await peer.SendAsync(1, 8, 5, 0);
        await ConsumeHalfAsync(peer, stream);
        Assert.Equal(4 * Window, stream.ReceiveWindow);
    }

    [Fact]
    public async Task Windows_grow_to_an_equal_share_of_the_hosts_bound_and_further_when_others_leave()
    {
        var shares = new ReceiveShares(16 * Window);
        await using var peer = new RawPeer(sessionIsInitiator: false, shares: shares);
        await using var other = new RawPeer(sessionIsInitiator: false, shares: shares);
        YamuxStream stream = await AcceptMeasuredAsync(peer, TimeSpan.FromMilliseconds(50));
        foreach (int expected in (int[])[4 * Window, 4 * Window])
        {
            await ConsumeHalfAsync(peer, stream);
            Assert.Equal(expected, stream.ReceiveWindow);
        }
        YamuxStream otherStream = await AcceptMeasuredAsync(other, TimeSpan.FromMilliseconds(50));
        await ConsumeHalfAsync(other, otherStream);
        Assert.Equal(4 * Window, otherStream.ReceiveWindow);

        await other.Session.DisposeAsync().Within();
        await ConsumeHalfAsync(peer, stream);
        Assert.Equal(8 * Window, stream.ReceiveWindow);
    }

    [Fact]
    public async Task Unread_data_over_the_budget_costs_the_stream_that_brings_it()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { ReceiveBudget = 2 * Window });
        foreach (uint id in (uint[])[1, 3, 5])
        {
            await peer.SendAsync(0, 1, id, Window, new byte[Window]);
        }
        await peer.ExpectAsync(0, 8, 5, 0);
        Assert.InRange(peer.Session.BufferedBytes, Window, 2 * Window);
        Assert.Null(peer.Session.Fault);
        YamuxStream first = (await peer.Session.AcceptAsync(default).Within())!;
        await YamuxTools.ReadExactlyAsync(first, new byte[Window]);
    }

    [Fact]
    public async Task Single_bytes_are_charged_for_the_memory_they_hold()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { ReceiveBudget = Window });
        for (uint id = 1; id < 200; id += 2)
        {
            await peer.SendAsync(0, 1, id, 1, [1]);
        }
        await peer.SendAsync(2, 1, 0, 1);
        // 64 segments of 4 KiB fill the budget; the other 36 streams are reset.
        for (uint id = 129; id < 200; id += 2)
        {
            await peer.ExpectAsync(0, 8, id, 0);
        }
        await peer.ExpectAsync(2, 2, 0, 1);
        Assert.Equal(Window, peer.Session.BufferedBytes);
    }

    [Fact]
    public async Task A_stream_nobody_reads_does_not_stop_another()
    {
        await using var pair = new YamuxPair(capacity: 100_000);
        (YamuxStream stalled, YamuxStream unread) = await pair.OpenAsync();
        (YamuxStream busy, YamuxStream read) = await pair.OpenAsync();
        Task stuck = stalled.WriteAsync(new byte[2 * Window], default).AsTask();
        Task flow = busy.WriteAsync(new byte[20 * Window], default).AsTask();
        await YamuxTools.ReadExactlyAsync(read, new byte[20 * Window]);
        await flow.Within();
        Assert.False(stuck.IsCompleted);
        Assert.Equal(Window, unread.Receiver.BufferedBytes);
        await YamuxTools.ReadExactlyAsync(unread, new byte[2 * Window]);
        await stuck.Within();
    }

    [Fact]
    public async Task Both_sides_may_write_more_than_the_connection_holds_before_either_reads()
    {
        await using var pair = new YamuxPair(capacity: 5_000);
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        Task one = opened.WriteAsync(new byte[4 * Window], default).AsTask();
        Task other = accepted.WriteAsync(new byte[4 * Window], default).AsTask();
        await Task.WhenAll(
            YamuxTools.ReadExactlyAsync(opened, new byte[4 * Window]),
            YamuxTools.ReadExactlyAsync(accepted, new byte[4 * Window])).WaitAsync(TimeSpan.FromSeconds(60));
        await Task.WhenAll(one, other).Within();
    }

    /// <summary>Opens stream 1 and has the session measure <paramref name="roundTrip"/> by its first credit.</summary>
    private static async Task<YamuxStream> AcceptMeasuredAsync(RawPeer peer, TimeSpan roundTrip)
    {
        await peer.SendAsync(1, 1, 1, 0);
        YamuxStream stream = (await peer.Session.AcceptAsync(default).Within())!;
        await peer.ExpectAsync(1, 2, 1, 0);
        await peer.SendAsync(0, 0, 1, Window / 2, new byte[Window / 2]);
        await YamuxTools.ReadExactlyAsync(stream, new byte[Window / 2]);
        await peer.ExpectAsync(2, 1, 0, 0);
        await peer.ExpectAsync(1, 0, 1, Window / 2);
        peer.Time.Advance(roundTrip);
        await peer.SendAsync(2, 2, 0, 0);
        await Poll.UntilAsync(() => peer.Session.RoundTrip == roundTrip, "the round trip is measured");
        return stream;
    }

    /// <summary>Sends half a window, and reads it after a time; of a large window in parts, each of which is credited.</summary>
    /// <returns>The credit that came back.</returns>
    private static async Task<uint> ConsumeHalfAsync(RawPeer peer, YamuxStream stream, TimeSpan time = default)
    {
        int window = stream.ReceiveWindow;
        int part = Math.Max(Window / 2, window / 8);
        uint credit = 0;
        for (int left = window / 2; left > 0; left -= part)
        {
            credit += await ConsumeAsync(peer, stream, part, time);
        }
        return credit;
    }

    private static async Task<uint> ConsumeAsync(RawPeer peer, YamuxStream stream, int count, TimeSpan time)
    {
        await peer.SendAsync(0, 0, 1, (uint)count, new byte[count]);
        await Poll.UntilAsync(() => stream.Receiver.BufferedBytes == count, "the bytes are there");
        peer.Time.Advance(time);
        await YamuxTools.ReadExactlyAsync(stream, new byte[count]);
        var header = YamuxHeader.Read(await peer.ReceiveAsync(12));
        if (header.Type == YamuxFrameType.Ping)
        {
            header = YamuxHeader.Read(await peer.ReceiveAsync(12));
        }
        Assert.Equal((YamuxFrameType.WindowUpdate, YamuxFlags.None, 1u), (header.Type, header.Flags, header.StreamId));
        return header.Length;
    }
}
