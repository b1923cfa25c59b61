using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Yamux;

public sealed class YamuxSessionTests
{
    [Fact]
    public async Task A_ping_measures_the_round_trip()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        Task<TimeSpan> ping = peer.Session.PingAsync(default).AsTask();
        await peer.ExpectAsync(2, 1, 0, 0);
        peer.Time.Advance(TimeSpan.FromMilliseconds(30));
        await peer.SendAsync(2, 2, 0, 77);
        await peer.SendAsync(2, 2, 0, 0);
        Assert.Equal(TimeSpan.FromMilliseconds(30), await ping.Within());
        Assert.Equal(TimeSpan.FromMilliseconds(30), peer.Session.RoundTrip);
        await peer.SendAsync(2, 2, 0, 0);
        await peer.ExpectSilenceAsync();
        Assert.Null(peer.Session.Fault);
    }

    [Fact]
    public async Task A_ping_is_given_up_in_time_and_by_its_caller()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, new YamuxOptions { MaxOutstandingPings = 1 });
        Task<TimeSpan> ping = peer.Session.PingAsync(default).AsTask();
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.LimitExceeded, () => peer.Session.PingAsync(default).Within());
        peer.Time.Advance(TimeSpan.FromSeconds(10));
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.PingTimeout, () => ping.Within());
        using var cancel = new CancellationTokenSource();
        ping = peer.Session.PingAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping.Within());
        ping = peer.Session.PingAsync(default).AsTask();
        peer.Channel.Abort();
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => ping.Within());
    }

    [Fact]
    public async Task A_flood_of_pings_by_a_peer_that_does_not_read_is_dropped()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { MaxPendingControlFrames = 64 }, capacity: 1_200);
        byte[] pings = new byte[12 * 2000];
        for (int i = 0; i < 2000; i++)
        {
            RawPeer.Header(2, 1, 0, (uint)i).CopyTo(pings, 12 * i);
        }
        await peer.SendAsync(pings);
        await Poll.UntilAsync(() => peer.Session.Writer.DroppedPings > 1000, "ping replies are dropped");
        Assert.Null(peer.Session.Fault);
        await peer.ExpectAsync(2, 2, 0, 0);
    }

    [Fact]
    public async Task Closing_says_go_away_and_fails_everything_that_waits()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        await accepted.WriteAsync(new byte[] { 1, 2 }, default).Within();
        await Poll.UntilAsync(() => opened.Receiver.BufferedBytes == 2, "data arrives");
        Task[] pending =
        [
            opened.WriteAsync(new byte[1_000_000], default).AsTask(),
            accepted.WriteAsync(new byte[1_000_000], default).AsTask(),
        ];
        Task<YamuxStream?> accept = pair.Initiator.AcceptAsync(default).AsTask();
        Task<YamuxStream?> otherAccept = pair.Responder.AcceptAsync(default).AsTask();
        await pair.Initiator.DisposeAsync().Within();
        await pair.Initiator.DisposeAsync().Within();
        Assert.True(pair.InitiatorChannel.IsDisposed);
        Assert.True(pair.Initiator.Completion.IsCompletedSuccessfully);
        Assert.Null(await accept.Within());
        Assert.Null(await otherAccept.Within());
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => pending[0].Within());
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => pending[1].Within());
        byte[] first = new byte[2];
        Assert.Equal(2, await opened.ReadAsync(first, default).Within());
        Assert.Equal([1, 2], first);
        // How much of the long write arrived before the end is chance; what did can still be read, and after it comes the error.
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => YamuxTools.ReadToEndAsync(opened));
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => pair.Initiator.OpenAsync(default).Within());
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => pair.Initiator.PingAsync(default).Within());
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => pair.Initiator.GoAwayAsync(YamuxGoAwayCode.Normal, default).Within());
        await pair.ResponderRun.Within();
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, pair.Responder.Fault?.ErrorId);
        Assert.Equal(0, pair.Initiator.StreamCount + pair.Responder.StreamCount);
    }

    [Fact]
    public async Task Closing_sends_what_was_written_and_finished_before()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await stream.WriteAsync(new byte[] { 9 }, default).Within();
        await stream.CloseWriteAsync(default).Within();
        await peer.Session.DisposeAsync().Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        await peer.ExpectAsync(0, 0, 1, 1, [9]);
        await peer.ExpectAsync(0, 4, 1, 0);
        await peer.ExpectGoAwayAsync(0);
    }

    [Fact]
    public async Task A_session_that_never_ran_can_be_closed()
    {
        (MemorySecureChannel channel, MemorySecureChannel other) = MemorySecureChannel.CreatePair();
        var session = new YamuxSession(channel, true, YamuxOptions.Default, TimeProvider.System);
        YamuxStream stream = await session.OpenAsync(default).Within();
        await session.DisposeAsync().Within();
        await session.RunAsync().Within();
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => stream.WriteAsync(new byte[1], default).Within());
        Assert.True(channel.IsDisposed);
        await other.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_death_of_the_connection_fails_everything(bool orderly)
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, new YamuxOptions { AckBacklog = 1 });
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        Task[] pending =
        [
            stream.ReadAsync(new byte[1], default).AsTask(),
            stream.WriteAsync(new byte[1_000_000], default).AsTask(),
            peer.Session.OpenAsync(default).AsTask(),
            peer.Session.PingAsync(default).AsTask(),
        ];
        Task<YamuxStream?> accept = peer.Session.AcceptAsync(default).AsTask();
        if (orderly)
        {
            peer.Channel.EndOutgoing();
        }
        else
        {
            peer.Channel.Abort();
        }
        foreach (Task task in pending)
        {
            await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => task.Within());
        }
        Assert.Null(await accept.Within());
        await peer.Run.Within();
        await peer.Session.Completion.Within();
    }

    [Fact]
    public async Task After_the_peers_go_away_nothing_opens_and_what_is_open_goes_on()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, new YamuxOptions { AckBacklog = 1 });
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        Task<YamuxStream> waiting = peer.Session.OpenAsync(default).AsTask();
        await peer.SendAsync(3, 0, 0, 0);
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => waiting.Within());
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => peer.Session.OpenAsync(default).Within());
        await stream.WriteAsync(new byte[] { 4 }, default).Within();
        await peer.ExpectAsync(0, 0, 1, 1, [4]);
        await peer.SendAsync(0, 2 | 4, 1, 1, [5]);
        Assert.Equal([5], await YamuxTools.ReadToEndAsync(stream));
        Assert.Null(peer.Session.Fault);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    [InlineData(77u)]
    public async Task A_go_away_that_tells_an_error_ends_the_session(uint code)
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        await peer.SendAsync(3, 0, 0, code);
        await peer.Run.Within();
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, peer.Session.Fault?.ErrorId);
        Assert.Contains($"code {code}", peer.Session.Fault!.Message);
    }

    [Fact]
    public async Task After_our_go_away_streams_of_the_peer_are_refused()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(1, 1, 1, 0);
        await peer.Session.AcceptAsync(default).Within();
        await peer.ExpectAsync(1, 2, 1, 0);
        await peer.Session.GoAwayAsync(YamuxGoAwayCode.Normal, default).Within();
        await peer.ExpectAsync(3, 0, 0, 0);
        await peer.SendAsync(1, 1, 3, 0);
        await peer.ExpectAsync(0, 8, 3, 0);
        Assert.Equal(1, peer.Session.StreamCount);
    }

    [Fact]
    public async Task A_connection_that_takes_nothing_is_given_up_after_the_write_timeout()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, capacity: 1_000);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        Task write = stream.WriteAsync(new byte[1_000_000], default).AsTask();
        peer.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(write.IsCompleted);
        peer.Time.Advance(TimeSpan.FromSeconds(1));
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => write.Within());
        await peer.Run.Within();
        Assert.Contains("WriteTimeout", peer.Session.Fault!.Message);
    }

    [Fact]
    public async Task Closing_does_not_wait_longer_than_its_timeout_for_a_peer_that_does_not_read()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, capacity: 1_000);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        Task write = stream.WriteAsync(new byte[1_000_000], default).AsTask();
        Task close = peer.Session.DisposeAsync().AsTask();
        await YamuxTools.ThrowsAsync(Libp2pErrorIds.ConnectionClosed, () => write.Within());
        Assert.False(close.IsCompleted);
        peer.Time.Advance(TimeSpan.FromSeconds(2));
        await close.Within();
        await peer.Run.Within();
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing_and_leaves_the_memory_alone()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        byte[] abandoned = new byte[10];
        for (int i = 0; i < 50; i++)
        {
            using var cancel = new CancellationTokenSource();
            Task<int> read = accepted.ReadAsync(abandoned, cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.Within());
            await opened.WriteAsync(new[] { (byte)(i + 1) }, default).Within();
            byte[] one = new byte[1];
            Assert.Equal(1, await accepted.ReadAsync(one, default).Within());
            Assert.Equal(i + 1, one[0]);
        }
        Assert.All(abandoned, b => Assert.Equal(0, b));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepted.ReadAsync(abandoned, new CancellationToken(true)).AsTask());
    }

    [Fact]
    public async Task A_write_cancelled_at_the_window_keeps_frames_whole_and_the_stream_usable()
    {
        await using var pair = new YamuxPair();
        (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
        using var cancel = new CancellationTokenSource();
        byte[] data = new byte[YamuxOptions.SpecifiedWindow + 50_000];
        new Random(8).NextBytes(data);
        Task write = opened.WriteAsync(data, cancel.Token).AsTask();
        await Poll.UntilAsync(() => accepted.Receiver.BufferedBytes == YamuxOptions.SpecifiedWindow, "the window is filled");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.Within());
        Task next = opened.WriteAsync("next"u8.ToArray(), default).AsTask();
        await opened.CloseWriteAsync(default).Within();
        byte[] received = await YamuxTools.ReadToEndAsync(accepted);
        await next.Within();
        Assert.Equal([.. data[..YamuxOptions.SpecifiedWindow], .. "next"u8], received);
    }

    [Fact]
    public async Task A_write_cancelled_while_its_memory_is_being_sent_ends_when_that_is_over()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            await using var pair = new YamuxPair(capacity: 30_000);
            (YamuxStream opened, YamuxStream accepted) = await pair.OpenAsync();
            using var cancel = new CancellationTokenSource();
            var random = new Random(seed);
            byte[] data = new byte[200_000];
            data.AsSpan().Fill(1);
            Task write = Task.Run(async () => await opened.WriteAsync(data, cancel.Token));
            int early = random.Next(60_000);
            byte[] head = new byte[early];
            await YamuxTools.ReadExactlyAsync(accepted, head);
            await cancel.CancelAsync();
            await Task.WhenAny(write).Within();
            data.AsSpan().Fill(2);
            await opened.CloseWriteAsync(default).Within();
            byte[] rest = await YamuxTools.ReadToEndAsync(accepted);
            Assert.True(head.Concat(rest).All(b => b == 1), $"seed {seed}: bytes of memory that was given back were sent");
            Assert.True(write.IsCanceled || head.Length + rest.Length == data.Length, $"seed {seed}: a whole write came in part");
        }
    }
}
