using System.Buffers.Binary;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Noise;

namespace Bitswap.Libp2p.Tests.Security.Noise;

public sealed class NoiseHandshakeTests
{
    private static readonly string[] _yamux = ["/yamux/1.0.0"];

    [Fact]
    public async Task Both_sides_learn_who_the_other_is()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync();
        Assert.Equal(NoisePair.ListenerIdentity.PeerId, pair.Dialer.RemotePeer);
        Assert.Equal(NoisePair.DialerIdentity.PeerId, pair.Listener.RemotePeer);
        Assert.Equal(NoisePair.ListenerIdentity.PublicKey, pair.Dialer.RemoteKey);
        Assert.Equal(NoisePair.DialerIdentity.PublicKey, pair.Listener.RemoteKey);
        Assert.Equal("/yamux/1.0.0", pair.Dialer.EarlyMuxer);
        Assert.Equal("/yamux/1.0.0", pair.Listener.EarlyMuxer);
    }

    [Theory]
    [InlineData("/a,/b", "/b,/a", "/a")]
    [InlineData("/b,/a", "/a,/b", "/b")]
    [InlineData("/x,/c", "/a,/b,/c", "/c")]
    [InlineData("/a", "/b", null)]
    [InlineData("", "/b", null)]
    [InlineData("/a", "", null)]
    [InlineData("", "", null)]
    public async Task The_dialers_order_picks_the_muxer(string dialers, string listeners, string? expected)
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        Task<NoiseChannel> initiating = NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, Split(dialers), null, default).AsTask();
        Task<NoiseChannel> responding = NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, Split(listeners), null, default).AsTask();
        Assert.Equal(expected, (await initiating.Within()).EarlyMuxer);
        Assert.Equal(expected, (await responding.Within()).EarlyMuxer);
    }

    [Fact]
    public async Task Another_peer_than_the_dialed_one_is_named_and_does_not_learn_who_dialed()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        PeerId expected = PrivateKey.Generate().PeerId;
        Task<NoiseChannel> initiating = NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, expected, _yamux, null, default).AsTask();
        Task<NoiseChannel> responding = NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, _yamux, null, default).AsTask();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => initiating.Within());
        Assert.Equal(Libp2pErrorIds.PeerIdMismatch, e.ErrorId);
        Assert.Contains(expected.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains(NoisePair.ListenerIdentity.PeerId.ToString(), e.Message, StringComparison.Ordinal);
        Assert.True(a.IsAborted);
        Assert.Single(a.Writes);
        e = await Assert.ThrowsAsync<Libp2pException>(() => responding.Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
    }

    [Fact]
    public async Task A_listener_can_expect_a_peer_too()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        Task<NoiseChannel> initiating = NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, _yamux, null, default).AsTask();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() =>
            NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, PrivateKey.Generate().PeerId, _yamux, null, default).Within());
        Assert.Equal(Libp2pErrorIds.PeerIdMismatch, e.ErrorId);
        await initiating.Within();
    }

    [Fact]
    public async Task Bytes_that_come_one_at_a_time_make_no_difference()
    {
        await using NoisePair pair = await NoisePair.InMemoryAsync(maxReceive: 1);
        await pair.Dialer.WriteAsync("hello"u8.ToArray(), default);
        Assert.Equal("hello"u8.ToArray(), await pair.Listener.ReadUpToAsync(5));
    }

    [Fact]
    public async Task The_frames_are_as_long_as_the_specification_says()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        await using NoisePair pair = await NoisePair.SecureAsync(a, b, null);
        // identity_key 2+36, identity_sig 2+64, extensions 2 + (2+12)
        const int Payload = 38 + 66 + 16;
        Assert.Equal([2 + 32, 2 + 64 + Payload], a.Writes.Select(w => w.Length));
        Assert.Equal([2 + 96 + Payload], b.Writes.Select(w => w.Length));
        Assert.Equal([0, 32], a.Writes[0][..2]);
    }

    [Fact]
    public async Task Any_changed_byte_of_any_handshake_message_fails_it_with_a_typed_error()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        await using NoisePair pair = await NoisePair.SecureAsync(a, b, null);
        foreach ((bool dialers, int number, int length) in ((bool, int, int)[])
            [(true, 0, a.Writes[0].Length), (false, 0, b.Writes[0].Length), (true, 1, a.Writes[1].Length)])
        {
            for (int at = 0; at < length; at++)
            {
                await AssertTamperingFailsAsync(dialers, number, at);
            }
        }
    }

    [Fact]
    public async Task A_handshake_cut_off_anywhere_fails_with_a_typed_error()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        Task<NoiseChannel> initiating = NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, _yamux, null, default).AsTask();
        await using NoiseChannel listener = await NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, _yamux, null, default).Within();
        await (await initiating.Within()).DisposeAsync();
        byte[] recorded = [.. a.Writes.SelectMany(w => w)];
        for (int length = 0; length < recorded.Length; length += length < 40 ? 1 : 17)
        {
            (a, b) = MemoryChannel.CreatePair();
            await a.WriteAsync(recorded.AsMemory(0, length), default);
            a.CloseWrite();
            Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() =>
                NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, _yamux, null, default).Within());
            Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
            Assert.True(b.IsAborted);
        }
    }

    [Theory]
    [InlineData(32 + 1024 + 1, 1024)]
    [InlineData(65535, 1024)]
    [InlineData(32 + 8192 + 1, null)]
    public async Task A_length_over_the_limit_is_refused_before_anything_is_read(int length, int? limit)
    {
        NoiseOptions? options = limit is null ? null : new NoiseOptions { MaxHandshakePayload = limit.Value };
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        byte[] prefix = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)length);
        await a.WriteAsync(prefix, default);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() =>
            NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, _yamux, options, default).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.Contains(nameof(NoiseOptions.MaxHandshakePayload), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_of_the_limit_passes_and_one_byte_more_does_not()
    {
        // 106 bytes of key and signature, 3 of the extensions' and 3 of the muxer's tag and length
        string muxer = new('m', 1024 - 106 - 6);
        Assert.Equal(1024, NoisePayload.Create(NoisePair.DialerIdentity, new byte[32], [muxer]).Length + 2);
        foreach (int extra in (int[])[0, 2, 3])
        {
            (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
            NoiseOptions options = new() { MaxHandshakePayload = 1024 };
            Task<NoiseChannel> initiating =
                NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, [muxer + new string('m', extra)], null, default).AsTask();
            Task<NoiseChannel> responding = NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, [], options, default).AsTask();
            await initiating.Within();
            if (extra < 3)
            {
                await responding.Within();
            }
            else
            {
                Assert.Equal(Libp2pErrorIds.HandshakeFailed, (await Assert.ThrowsAsync<Libp2pException>(() => responding.Within())).ErrorId);
            }
        }
    }

    [Fact]
    public async Task A_handshake_without_an_answer_ends_with_its_connection_when_it_is_cancelled()
    {
        (MemoryChannel a, MemoryChannel _) = MemoryChannel.CreatePair();
        using CancellationTokenSource cts = new();
        Task<NoiseChannel> initiating = NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, _yamux, null, cts.Token).AsTask();
        Assert.False(initiating.IsCompleted);
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => initiating.Within());
        Assert.True(a.IsAborted);
    }

    [Fact]
    public async Task Data_right_behind_the_last_handshake_message_is_not_lost()
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        // the last message is held back and goes out in one piece with the first data
        byte[]? held = null;
        a.Tamper = (number, bytes) =>
        {
            byte[] now = number == 1 ? [] : held is null ? bytes : [.. held, .. bytes];
            held = number == 1 ? bytes : null;
            return now;
        };
        Task<NoiseChannel> responding = NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, _yamux, null, default).AsTask();
        await using NoiseChannel dialer = await NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, _yamux, null, default).Within();
        Assert.False(responding.IsCompleted);
        await dialer.WriteAsync("early"u8.ToArray(), default);
        await using NoiseChannel listener = await responding.Within();
        Assert.Equal("early"u8.ToArray(), await listener.ReadUpToAsync(5));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(65001)]
    public void A_payload_limit_out_of_range_is_refused(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NoiseOptions { MaxHandshakePayload = limit });

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static async Task AssertTamperingFailsAsync(bool dialers, int number, int at)
    {
        (MemoryChannel a, MemoryChannel b) = MemoryChannel.CreatePair();
        MemoryChannel tampered = dialers ? a : b;
        tampered.Tamper = (n, bytes) =>
        {
            if (n == number)
            {
                bytes[at] ^= 0x40;
            }
            return bytes;
        };
        // a longer length makes the other side wait for what does not come
        tampered.WritesBeforeEnd = number + 1;
        Task<NoiseChannel> initiating = NoiseHandshake.InitiateAsync(a, NoisePair.DialerIdentity, null, _yamux, null, default).AsTask();
        Task<NoiseChannel> responding = NoiseHandshake.RespondAsync(b, NoisePair.ListenerIdentity, null, _yamux, null, default).AsTask();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => responding.Within());
        Assert.True(e.ErrorId == Libp2pErrorIds.HandshakeFailed, $"message {number} byte {at}: {e.ErrorId} {e.Message}");
        if (dialers && number == 1)
        {
            // the dialer has said its last word and cannot know
            await (await initiating.Within()).DisposeAsync();
        }
        else
        {
            e = await Assert.ThrowsAsync<Libp2pException>(() => initiating.Within());
            Assert.True(e.ErrorId == Libp2pErrorIds.HandshakeFailed, $"message {number} byte {at}: {e.ErrorId} {e.Message}");
        }
    }
}
