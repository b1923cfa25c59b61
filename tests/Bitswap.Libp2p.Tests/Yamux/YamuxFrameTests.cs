using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Tests.Yamux;

public sealed class YamuxFrameTests
{
    [Theory]
    [InlineData(0, 0, 1u, 5u, "000000000000000100000005")]
    [InlineData(1, 1, 3u, 0u, "000100010000000300000000")]
    [InlineData(1, 2, 0x01020304u, 0xfffc0000u, "0001000201020304fffc0000")]
    [InlineData(0, 12, 2u, 0u, "0000000c0000000200000000")]
    [InlineData(2, 1, 0u, 0xdeadbeefu, "0002000100000000deadbeef")]
    [InlineData(3, 0, 0u, 2u, "000300000000000000000002")]
    public void Headers_are_these_bytes(int type, int flags, uint stream, uint length, string hex)
    {
        var header = new YamuxHeader((YamuxFrameType)type, (YamuxFlags)flags, stream, length);
        byte[] bytes = new byte[YamuxHeader.Size];
        header.Write(bytes);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.Equal(header, YamuxHeader.Read(bytes));
    }

    [Theory]
    [InlineData("010000000000000100000000")] // version 1
    [InlineData("000400000000000100000000")] // type 4
    [InlineData("00ff00000000000100000000")]
    [InlineData("000000100000000100000000")] // an undefined flag
    [InlineData("000080000000000100000000")]
    [InlineData("000100030000000300000000")] // SYN and ACK
    [InlineData("000000000000000000000000")] // data of the session itself
    [InlineData("000100000000000000000001")]
    [InlineData("000200000000000000000001")] // a ping that is neither question nor answer
    [InlineData("000200030000000000000001")]
    [InlineData("000200010000000100000001")] // a ping of a stream
    [InlineData("000300000000000100000000")] // a go-away of a stream
    [InlineData("000300010000000000000000")]
    public async Task Malformed_headers_end_the_session_with_a_protocol_error(string hex)
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        await peer.SendAsync(Convert.FromHexString(hex));
        await peer.ExpectGoAwayAsync(1);
        Assert.Equal(Libp2pErrorIds.ProtocolViolation, peer.Session.Fault?.ErrorId);
    }

    [Fact]
    public async Task An_opened_stream_says_syn_then_data_then_fin_in_these_bytes()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true);
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 0);
        await stream.WriteAsync("hello"u8.ToArray(), default).Within();
        await peer.ExpectAsync(0, 0, 1, 5, "hello"u8.ToArray());
        await stream.CloseWriteAsync(default).Within();
        await peer.ExpectAsync(0, 4, 1, 0);
        YamuxStream second = await peer.Session.OpenAsync(default).Within();
        Assert.Equal(3u, second.Id);
        await peer.ExpectAsync(1, 1, 3, 0);
        second.Reset();
        await peer.ExpectAsync(0, 8, 3, 0);
    }

    [Fact]
    public async Task The_responder_counts_even_and_acknowledges_when_a_stream_is_accepted()
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        YamuxStream own = await peer.Session.OpenAsync(default).Within();
        Assert.Equal(2u, own.Id);
        await peer.ExpectAsync(1, 1, 2, 0);
        await peer.SendAsync(0, 1, 1, 3, [7, 8, 9]);
        YamuxStream? accepted = await peer.Session.AcceptAsync(default).Within();
        Assert.Equal(1u, accepted!.Id);
        await peer.ExpectAsync(1, 2, 1, 0);
        byte[] read = new byte[8];
        Assert.Equal(3, await accepted.ReadAsync(read, default).Within());
        Assert.Equal([7, 8, 9], read[..3]);
    }

    [Fact]
    public async Task A_larger_first_window_is_granted_with_the_syn_and_the_ack()
    {
        await using var peer = new RawPeer(sessionIsInitiator: true, new YamuxOptions { InitialWindow = 1024 * 1024 });
        YamuxStream stream = await peer.Session.OpenAsync(default).Within();
        await peer.ExpectAsync(1, 1, 1, 768 * 1024);
        Assert.Equal(1024 * 1024, stream.ReceiveWindow);
        await peer.SendAsync(1, 1, 2, 0);
        await peer.Session.AcceptAsync(default).Within();
        await peer.ExpectAsync(1, 2, 2, 768 * 1024);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(13)]
    public async Task Frames_are_understood_wherever_the_input_is_cut(int piece)
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        byte[] all =
        [
            .. RawPeer.Header(0, 1, 1, 4), 1, 2, 3, 4,
            .. RawPeer.Header(2, 1, 0, 99),
            .. RawPeer.Header(0, 4, 1, 2), 5, 6,
        ];
        await peer.SendAsync([.. all.Chunk(piece)]);
        YamuxStream? stream = await peer.Session.AcceptAsync(default).Within();
        Assert.Equal([1, 2, 3, 4, 5, 6], await YamuxTools.ReadToEndAsync(stream!));
        byte[] answers = await peer.ReceiveAsync(24);
        Assert.Contains("000200020000000000000063", Convert.ToHexStringLower(answers));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(14)]
    public async Task An_end_within_a_frame_closes_the_session(int length)
    {
        await using var peer = new RawPeer(sessionIsInitiator: false);
        byte[] frame = [.. RawPeer.Header(0, 1, 1, 4), 1, 2, 3, 4];
        await peer.SendAsync(frame[..length]);
        peer.Channel.EndOutgoing();
        await peer.Run.Within();
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, peer.Session.Fault?.ErrorId);
        Assert.Contains("within a yamux frame", peer.Session.Fault!.Message);
    }
}
