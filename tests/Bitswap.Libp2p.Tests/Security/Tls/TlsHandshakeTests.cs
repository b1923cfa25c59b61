using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Tls;

namespace Bitswap.Libp2p.Tests.Security.Tls;

public sealed class TlsHandshakeTests
{
    [Fact]
    public async Task Both_sides_learn_who_the_other_is()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync();
        Assert.Equal(TlsPair.ListenerKey.PeerId, pair.Dialer.RemotePeer);
        Assert.Equal(TlsPair.DialerKey.PeerId, pair.Listener.RemotePeer);
        Assert.Equal(TlsPair.ListenerKey.PublicKey, pair.Dialer.RemoteKey);
        Assert.Equal(TlsPair.DialerKey.PublicKey, pair.Listener.RemoteKey);
        Assert.Equal("/yamux/1.0.0", pair.Dialer.EarlyMuxer);
        Assert.Equal("/yamux/1.0.0", pair.Listener.EarlyMuxer);
    }

    [Theory]
    [InlineData("/x,/c", "/a,/b,/c", "/c")]
    [InlineData("/a", "/b", null)]
    [InlineData("", "/b", null)]
    [InlineData("/a", "", null)]
    [InlineData("", "", null)]
    public async Task A_common_muxer_is_agreed_on_by_the_way_and_otherwise_left_for_later(string dialers, string listeners, string? expected)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        Task<TlsChannel> initiating = TlsPair.InitiateAsync(a, muxers: Split(dialers));
        Task<TlsChannel> responding = TlsPair.RespondAsync(b, muxers: Split(listeners));
        Assert.Equal(expected, (await initiating.Within()).EarlyMuxer);
        Assert.Equal(expected, (await responding.Within()).EarlyMuxer);
    }

    [Fact]
    public async Task Another_peer_than_the_dialed_one_is_named_and_does_not_learn_who_dialed()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        PeerId expected = Libp2p.Crypto.PrivateKey.Generate().PeerId;
        Task<TlsChannel> initiating = TlsPair.InitiateAsync(a, expected);
        Task<TlsChannel> responding = TlsPair.RespondAsync(b);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => initiating.Within());
        Assert.Equal(Libp2pErrorIds.PeerIdMismatch, e.ErrorId);
        Assert.Contains(expected.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains(TlsPair.ListenerKey.PeerId.ToString(), e.Message, StringComparison.Ordinal);
        Assert.True(a.IsAborted);
        // the greeting and nothing after it: this side's certificate stayed here
        Assert.Single(a.Writes);
        e = await Assert.ThrowsAsync<Libp2pException>(() => responding.Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
    }

    [Fact]
    public async Task A_listener_can_expect_a_peer_too()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        Task<TlsChannel> initiating = TlsPair.InitiateAsync(a);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.RespondAsync(b, Libp2p.Crypto.PrivateKey.Generate().PeerId).Within());
        Assert.Equal(Libp2pErrorIds.PeerIdMismatch, e.ErrorId);
        Assert.True(b.IsAborted);
        await (await initiating.Within()).DisposeAsync();
    }

    [Fact]
    public async Task Bytes_that_come_one_at_a_time_make_no_difference()
    {
        await using TlsPair pair = await TlsPair.InMemoryAsync(maxReceive: 1);
        await pair.Dialer.WriteAsync("hello"u8.ToArray(), default);
        Assert.Equal("hello"u8.ToArray(), await pair.Listener.ReadUpToAsync(5));
    }

    [Fact]
    public async Task The_greeting_names_the_muxer_and_libp2p_and_no_server_and_offers_TLS_13_alone()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using TlsPair pair = await TlsPair.SecureAsync(a, b);
        Dictionary<int, byte[]> extensions = ReadExtensions(a.Writes[0]);
        Assert.DoesNotContain(0, extensions.Keys);
        Assert.Equal([0, 20, 12, .. "/yamux/1.0.0"u8, 6, .. "libp2p"u8], extensions[16]);
        Assert.Equal([2, 3, 4], extensions[43]);
    }

    [Fact]
    public async Task Every_connection_proves_both_identities_anew()
    {
        List<int> lengths = [];
        for (int i = 0; i < 2; i++)
        {
            (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
            await using TlsPair pair = await TlsPair.SecureAsync(a, b);
            await pair.Listener.WriteAsync(new byte[1], default);
            await pair.Dialer.ReadUpToAsync(1);
            await pair.Dialer.WriteAsync(new byte[1], default);
            await pair.Listener.ReadUpToAsync(1);
            // no ticket by which a later connection could do without
            lengths.Add(b.Writes.Sum(write => write.Length));
            lengths.Add(a.Writes.Sum(write => write.Length));
        }
        int certificate = TlsPair.DialerIdentity.Certificate.RawData.Length;
        Assert.All(lengths, length => Assert.InRange(length, certificate + 200, certificate + 700));
        // signatures have a byte or two more or less
        Assert.InRange(lengths[2], lengths[0] - 10, lengths[0] + 10);
        Assert.InRange(lengths[3], lengths[1] - 10, lengths[1] + 10);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_peer_that_closes_half_way_fails_it_with_a_typed_error(bool dialerCloses, int after)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        (MemoryChannel closing, MemoryChannel other) = dialerCloses ? (a, b) : (b, a);
        closing.Tamper = (number, bytes) =>
        {
            if (number < after)
            {
                return bytes;
            }
            closing.CloseWrite();
            return [];
        };
        Task<TlsChannel> initiating = TlsPair.InitiateAsync(a);
        Task<TlsChannel> responding = TlsPair.RespondAsync(b);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => (dialerCloses ? responding : initiating).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.Contains("ended before it was done", e.Message, StringComparison.Ordinal);
        Assert.True(other.IsAborted);
        Task<TlsChannel> rest = dialerCloses ? initiating : responding;
        if (dialerCloses && after == 1)
        {
            // it has said its last word, and cannot know that it did not arrive
            await (await rest.Within()).DisposeAsync();
        }
        else
        {
            await Assert.ThrowsAsync<Libp2pException>(() => rest.Within());
        }
    }

    [Theory]
    [InlineData(true, 0, 50)]
    [InlineData(false, 0, 40)]
    [InlineData(false, 0, 200)]
    [InlineData(false, 0, 600)]
    [InlineData(true, 1, 100)]
    [InlineData(true, 1, 500)]
    public async Task A_changed_byte_fails_it_with_a_typed_error(bool dialers, int number, int at)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        MemoryChannel tampered = dialers ? a : b;
        tampered.Tamper = (n, bytes) =>
        {
            if (n == number)
            {
                bytes[at] ^= 0x40;
            }
            return bytes;
        };
        Task<TlsChannel> initiating = TlsPair.InitiateAsync(a);
        Task<TlsChannel> responding = TlsPair.RespondAsync(b);
        // who hears the changed byte refuses it, and the other hears that
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => (dialers ? responding : initiating).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        if (dialers && number == 1)
        {
            await (await initiating.Within()).DisposeAsync();
        }
        else
        {
            e = await Assert.ThrowsAsync<Libp2pException>(() => (dialers ? initiating : responding).Within());
            Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        }
    }

    [Fact]
    public async Task What_is_no_TLS_fails_it()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await a.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), default);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.RespondAsync(b).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.True(b.IsAborted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_in_the_middle_is_told_as_such(bool dials)
    {
        (MemoryChannel a, MemoryChannel _) = TlsPair.Raw();
        Task<TlsChannel> running = dials ? TlsPair.InitiateAsync(a) : TlsPair.RespondAsync(a);
        Assert.False(running.IsCompleted);
        a.Abort();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => running.Within());
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, e.ErrorId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handshake_without_an_answer_ends_with_its_connection_when_it_is_cancelled(bool dials)
    {
        (MemoryChannel a, MemoryChannel _) = TlsPair.Raw();
        using CancellationTokenSource cts = new();
        Task<TlsChannel> running = dials ? TlsPair.InitiateAsync(a, ct: cts.Token) : TlsPair.RespondAsync(a, ct: cts.Token);
        Assert.False(running.IsCompleted);
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Within());
        Assert.True(a.IsAborted);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13)]
    public async Task A_dialer_with_TLS_12_alone_is_refused(SslProtocols versions)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer peer = new(a);
        Task dialing = peer.DialAsync(TlsPair.DialerIdentity.Context, versions);
        if (versions == SslProtocols.Tls12)
        {
            Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.RespondAsync(b).Within());
            Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
            await Assert.ThrowsAnyAsync<Exception>(() => dialing.Within());
        }
        else
        {
            await (await TlsPair.RespondAsync(b).Within()).DisposeAsync();
            await dialing.Within();
        }
    }

    [Fact]
    public async Task A_listener_with_TLS_12_alone_is_refused()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer peer = new(b);
        Task listening = peer.ListenAsync(TlsPair.ListenerIdentity.Context, SslProtocols.Tls12);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.InitiateAsync(a).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        await Assert.ThrowsAnyAsync<Exception>(() => listening.Within());
    }

    [Fact]
    public async Task A_dialer_that_offers_another_application_alone_is_refused()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer peer = new(a);
        Task dialing = peer.DialAsync(TlsPair.DialerIdentity.Context, protocols: [SslApplicationProtocol.Http11]);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.RespondAsync(b).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        await Assert.ThrowsAnyAsync<Exception>(() => dialing.Within());
    }

    [Fact]
    public async Task Data_right_behind_the_last_handshake_message_is_not_lost()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        Task<TlsChannel> responding = TlsPair.RespondAsync(b);
        int before = a.Writes.Count;
        byte[]? held = null;
        // the dialer's last message goes out in one piece with its first data
        a.Tamper = (number, bytes) =>
        {
            if (number == before + 1)
            {
                held = bytes;
                return [];
            }
            return held is { } last ? [.. last, .. bytes] : bytes;
        };
        await using TlsChannel dialer = await TlsPair.InitiateAsync(a).Within();
        Assert.False(responding.IsCompleted);
        await dialer.WriteAsync("early"u8.ToArray(), default);
        await using TlsChannel listener = await responding.Within();
        Assert.Equal("early"u8.ToArray(), await listener.ReadUpToAsync(5));
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);

    // RFC 8446 section 4.1.2: record and handshake headers, version, random, session, suites, compression, extensions
    private static Dictionary<int, byte[]> ReadExtensions(byte[] record)
    {
        ReadOnlySpan<byte> rest = record.AsSpan(5 + 4 + 2 + 32);
        rest = rest[(1 + rest[0])..];
        rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest))..];
        rest = rest[(1 + rest[0])..];
        rest = rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest));
        Dictionary<int, byte[]> extensions = [];
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            extensions.Add(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Slice(4, length).ToArray());
            rest = rest[(4 + length)..];
        }
        return extensions;
    }
}
