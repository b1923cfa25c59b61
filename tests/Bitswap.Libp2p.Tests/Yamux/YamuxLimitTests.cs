using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Yamux;

public sealed class YamuxLimitTests
{
    [Theory]
    [InlineData(1u)]
    [InlineData(3u)]
    public async Task Opening_a_number_of_the_other_side_is_fatal(uint id)
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        await peer.SendAsync(1, 1, id, 0);
        await peer.ExpectGoAwayAsync(1);
    }

    [Fact]
    public async Task Opening_a_stream_twice_is_fatal()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(1, 1, 1, 0);
        await peer.SendAsync(1, 1, 1, 0);
        await peer.ExpectGoAwayAsync(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Frames_for_a_stream_this_side_never_opened_are_fatal(byte type)
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        await peer.SendAsync(type, 0, 1, 0);
        await peer.ExpectGoAwayAsync(1);
    }

    [Fact]
    public async Task Data_for_a_stream_the_peer_never_opened_is_dropped_counted_and_reset()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(0, 0, 9, 4, [1, 2, 3, 4]);
        await peer.ExpectAsync(0, 8, 9, 0);
        await peer.SendAsync(0, 8, 11, 0);
        await peer.SendAsync(2, 1, 0, 1);
        await peer.ExpectAsync(2, 2, 0, 1);
        Assert.Equal(2, peer.Session.DroppedFrames);
        Assert.Equal(4, peer.Session.DroppedBytes);
        Assert.Null(peer.Session.Fault);
    }

    [Fact]
    public async Task Late_frames_of_a_stream_reset_here_are_dropped_in_silence()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        stream.Reset();
        await peer.ExpectAsync(0, 8, 1, 0);
        await peer.SendAsync(0, 2, 1, 1000, new byte[1000]);
        await peer.SendAsync(1, 0, 1, 1000);
        await peer.SendAsync(0, 4, 1, 0);
        await peer.SendAsync(2, 1, 0, 5);
        await peer.ExpectAsync(2, 2, 0, 5);
        Assert.Equal(3, peer.Session.DroppedFrames);
        Assert.Equal(1000, peer.Session.DroppedBytes);
    }

    [Fact]
    public async Task A_dropped_frame_longer_than_any_window_is_fatal()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(0, 0, 1, (16 * 1024 * 1024) + 1);
        await peer.ExpectAsync(0, 8, 1, 0);
        await peer.ExpectGoAwayAsync(1);
    }

    [Fact]
    public async Task Streams_over_the_accept_backlog_are_refused_and_room_comes_back_by_accepting()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { AckBacklog = 3 });
        for (uint id = 1; id <= 9; id += 2)
        {
            await peer.SendAsync(0, 1, id, 1, [1]);
        }
        await peer.ExpectAsync(0, 8, 7, 0);
        await peer.ExpectAsync(0, 8, 9, 0);
        Assert.Equal(3, peer.Session.InboundStreamCount);
        Assert.Equal(2, peer.Session.RefusedStreams);
        await peer.Session.AcceptAsync(default).Within();
        await peer.ExpectAsync(1, 2, 1, 0);
        await peer.SendAsync(1, 1, 11, 0);
        await Poll.UntilAsync(() => peer.Session.InboundStreamCount == 4, "the next stream is taken");
    }

    [Fact]
    public async Task Streams_over_the_inbound_limit_are_refused_until_one_closes()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { MaxInboundStreams = 2 });
        foreach (uint id in (uint[])[1, 3, 5])
        {
            await peer.SendAsync(1, 1, id, 0);
        }
        await peer.ExpectAsync(0, 8, 5, 0);
        await peer.SendAsync(0, 8, 1, 0);
        await peer.SendAsync(1, 1, 7, 0);
        await Poll.UntilAsync(() => peer.Session.InboundStreamCount == 2, "the place of the closed stream is taken");
        Assert.Equal(1, peer.Session.RefusedStreams);
    }

    [Fact]
    public async Task A_flood_of_streams_is_answered_and_holds_no_more_than_the_limit()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        const int Flood = 20_000;
        byte[] syns = new byte[Flood * 12];
        for (int i = 0; i < Flood; i++)
        {
            RawPeer.Header(1, 1, (uint)((2 * i) + 1), 0).CopyTo(syns, i * 12);
        }
        Task sending = peer.SendAsync(syns);
        byte[] refusals = await peer.ReceiveAsync((Flood - 256) * 12);
        await sending;
        Assert.Equal(RawPeer.Header(0, 8, 513, 0), refusals[..12]);
        Assert.Equal(RawPeer.Header(0, 8, (2 * Flood) - 1, 0), refusals[^12..]);
        Assert.Equal(256, peer.Session.InboundStreamCount);
        Assert.Equal(256 * YamuxOptions.SpecifiedWindow, peer.Session.WindowBytes);
        Assert.Equal(0, peer.Session.BufferedBytes);
    }

    [Fact]
    public async Task A_peer_that_makes_us_answer_and_does_not_read_loses_the_session()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { MaxPendingControlFrames = 64 }, capacity: 2_000);
        // What it owes cannot be sent: the connection holds 2000 bytes and this peer reads none.
        async Task FloodAsync()
        {
            for (uint id = 1; id < 100_000; id += 2)
            {
                await peer.SendAsync(1, 1, id, 0);
            }
        }

        await Assert.ThrowsAnyAsync<IOException>(FloodAsync);
        await Poll.UntilAsync(() => peer.Session.Fault is not null, "the session ends");
        Assert.Equal(Libp2pErrorIds.LimitExceeded, peer.Session.Fault!.ErrorId);
        await peer.Run.Within();
    }

    [Fact]
    public async Task Opening_waits_while_the_acknowledgements_of_the_backlog_are_out()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, new YamuxOptions { AckBacklog = 2 });
        YamuxStream first = await peer.Session.OpenAsync(default).Within();
        YamuxStream second = await peer.Session.OpenAsync(default).Within();
        Task<YamuxStream> third = peer.Session.OpenAsync(default).AsTask();
        Task<YamuxStream> fourth = peer.Session.OpenAsync(default).AsTask();
        using var cancel = new CancellationTokenSource();
        Task<YamuxStream> cancelled = peer.Session.OpenAsync(cancel.Token).AsTask();
        Assert.False(third.IsCompleted || fourth.IsCompleted || cancelled.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Within());
        // Streams that are not acknowledged are written to all the same.
        await second.WriteAsync(new byte[] { 1 }, default).Within();
        await peer.SendAsync(1, 2, 1, 0);
        Assert.Equal(5u, (await third.Within()).Id);
        Assert.False(fourth.IsCompleted);
        await peer.SendAsync(0, 8, 3, 0);
        Assert.Equal(7u, (await fourth.Within()).Id);
        await peer.SendAsync(1, 2, 1, 0);
        Task<YamuxStream> fifth = peer.Session.OpenAsync(default).AsTask();
        Assert.False(fifth.IsCompleted);
        first.Reset();
        Assert.False(fifth.IsCompleted);
        await peer.Session.DisposeAsync().Within();
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => fifth.Within());
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Limits_out_of_range_are_refused(string name, Action make)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(make);
        Assert.Contains(name, error.ParamName);
    }

    public static TheoryData<string, Action> OutOfRange()
    {
        var data = new TheoryData<string, Action>();
        void Add(string name, params Action[] actions)
        {
            foreach (Action action in actions)
            {
                data.Add(name, action);
            }
        }

        const int Huge = int.MaxValue;
        Add("MaxInboundStreams", () => _ = new YamuxOptions { MaxInboundStreams = 0 }, () => _ = new YamuxOptions { MaxInboundStreams = Huge });
        Add("AckBacklog", () => _ = new YamuxOptions { AckBacklog = 0 }, () => _ = new YamuxOptions { AckBacklog = Huge });
        Add("InitialWindow", () => _ = new YamuxOptions { InitialWindow = 262_143 }, () => _ = new YamuxOptions { InitialWindow = Huge });
        Add("MaxWindow", () => _ = new YamuxOptions { MaxWindow = 262_143 }, () => _ = new YamuxOptions { MaxWindow = Huge });
        Add("ReceiveBudget", () => _ = new YamuxOptions { ReceiveBudget = 262_143 }, () => _ = new YamuxOptions { ReceiveBudget = Huge });
        Add("WriteBatchBytes", () => _ = new YamuxOptions { WriteBatchBytes = 4095 }, () => _ = new YamuxOptions { WriteBatchBytes = 262_145 });
        Add("MaxPendingControlFrames", () => _ = new YamuxOptions { MaxPendingControlFrames = 15 }, () => _ = new YamuxOptions { MaxPendingControlFrames = Huge });
        Add("MaxOutstandingPings", () => _ = new YamuxOptions { MaxOutstandingPings = 0 }, () => _ = new YamuxOptions { MaxOutstandingPings = 1025 });
        Add("PingTimeout", () => _ = new YamuxOptions { PingTimeout = TimeSpan.Zero }, () => _ = new YamuxOptions { PingTimeout = TimeSpan.FromDays(2) });
        Add("RoundTripInterval", () => _ = new YamuxOptions { RoundTripInterval = TimeSpan.Zero }, () => _ = new YamuxOptions { RoundTripInterval = TimeSpan.FromDays(2) });
        Add("WriteTimeout", () => _ = new YamuxOptions { WriteTimeout = TimeSpan.Zero }, () => _ = new YamuxOptions { WriteTimeout = TimeSpan.FromDays(2) });
        Add("CloseTimeout", () => _ = new YamuxOptions { CloseTimeout = Timeout.InfiniteTimeSpan }, () => _ = new YamuxOptions { CloseTimeout = TimeSpan.FromDays(2) });
        Add("MaxWindow", () => NewSession(new YamuxOptions { InitialWindow = 1 << 20, MaxWindow = 1 << 19 }));
        Add("ReceiveBudget", () => NewSession(new YamuxOptions { InitialWindow = 1 << 20, ReceiveBudget = 1 << 19 }));
        return data;
    }

    private static void NewSession(YamuxOptions options) =>
        _ = new YamuxSession(MemorySecureChannel.CreatePair().Initiator, true, options, TimeProvider.System);
}
