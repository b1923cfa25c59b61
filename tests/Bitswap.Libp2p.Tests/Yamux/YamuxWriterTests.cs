using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Tests.Yamux;

public sealed class YamuxWriterTests
{
    [Fact]
    public async Task Bulk_is_flushed_by_the_batch()
    {
        await using var pair = new YamuxPair(new YamuxOptions { InitialWindow = 4 * 1024 * 1024 }, capacity: 8 * 1024 * 1024);
        (YamuxStream stream, YamuxStream accepted) = await pair.OpenAsync();
        // What comes back comes behind the ACK and its credit.
        await YamuxTools.ReadExactlyAsync(stream, await WriteAsync(accepted, 1));
        await pair.Initiator.Writer.WhenIdleAsync().Within();
        int before = pair.InitiatorChannel.Flushes;
        await WriteAsync(stream, 2 * 1024 * 1024);
        await pair.Initiator.Writer.WhenIdleAsync().Within();
        Assert.Equal(9, pair.InitiatorChannel.Flushes - before);
        Assert.Equal(4 * (YamuxHeader.Size + YamuxSender.MaxPayload), pair.InitiatorChannel.LargestFlush);
    }

    [Fact]
    public async Task A_small_write_on_an_idle_connection_is_sent_before_the_call_returns()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        Assert.Equal(12, peer.SessionChannel.UnreadByPeer);
        ValueTask write = stream.WriteAsync(new byte[100], default);
        Assert.True(write.IsCompletedSuccessfully);
        Assert.Equal(12 + 112, peer.SessionChannel.UnreadByPeer);
        await write;
    }

    [Fact]
    public async Task Writers_take_turns_frame_by_frame_and_control_frames_go_first()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, capacity: 1_000);
        var streams = new YamuxStream[3];
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = await peer.Session.OpenAsync(default).Within();
            await peer.ExpectAsync(1, 1, streams[i].Id, 0);
        }
        // The first batch, of one stream alone, is on its way; nothing else leaves before the peer reads.
        Task[] writes = [.. streams.Select(stream => stream.WriteAsync(new byte[4 * YamuxSender.MaxPayload], default).AsTask())];
        Task<TimeSpan> ping = peer.Session.PingAsync(default).AsTask();
        var order = new List<(YamuxFrameType Type, uint Stream)>();
        while (order.Count < 13)
        {
            var header = YamuxHeader.Read(await peer.ReceiveAsync(12));
            order.Add((header.Type, header.StreamId));
            await peer.ReceiveAsync(header.Type == YamuxFrameType.Data ? (int)header.Length : 0);
        }
        Assert.Equal([1, 1, 1, 1, 0, 3, 5, 3, 5, 3, 5, 3, 5], order.Select(frame => frame.Stream));
        Assert.Equal(YamuxFrameType.Ping, order[4].Type);
        await peer.SendAsync(2, 2, 0, 0);
        await Task.WhenAll([.. writes, ping]).Within();
    }

    [Fact]
    public async Task Credit_of_many_reads_waits_as_one_frame_while_the_connection_is_full()
    {
        const int Window = YamuxOptions.SpecifiedWindow;
        await using var peer = new RawPeer(sessionIsInitiator: false, new YamuxOptions { RoundTripInterval = TimeSpan.FromHours(1) }, capacity: 1_000);
        await peer.SendAsync(1, 1, 1, 0);
        YamuxStream stream = (await peer.Session.AcceptAsync(default).Within())!;
        await peer.ExpectAsync(1, 2, 1, 0);
        Task blocking = stream.WriteAsync(new byte[2_000], default).AsTask();
        for (int i = 0; i < 8; i++)
        {
            await peer.SendAsync(0, 0, 1, Window / 2, new byte[Window / 2]);
            await YamuxTools.ReadExactlyAsync(stream, new byte[Window / 2]);
        }
        await blocking.Within();
        await peer.ReceiveAsync(12 + 2_000);
        await peer.ExpectAsync(2, 1, 0, 0);
        await peer.ExpectAsync(1, 0, 1, 8 * (Window / 2));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_reset_stream_whose_syn_was_not_sent_is_never_heard_of()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, capacity: 1_000);
        YamuxStream first = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        Task blocking = first.WriteAsync(new byte[2_000], default).AsTask();
        YamuxStream unheard = await peer.Session.OpenAsync(default).Within();
        YamuxStream carried = await peer.Session.OpenAsync(default).Within();
        Task write = carried.WriteAsync(new byte[] { 1, 2 }, default).AsTask();
        await carried.CloseWriteAsync(default).Within();
        unheard.Reset();
        await peer.ReceiveAsync(12 + 2_000);
        // SYN, bytes and FIN that wait together leave as one frame.
        await peer.ExpectAsync(0, 1 | 4, 5, 2, [1, 2]);
        await peer.ExpectSilenceAsync();
        await Task.WhenAll(blocking, write).Within();
        Assert.Equal(2, peer.Session.StreamCount);
    }

    private static async Task<byte[]> WriteAsync(YamuxStream stream, int count)
    {
        byte[] data = new byte[count];
        await stream.WriteAsync(data, default).Within();
        return data;
    }
}
