using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Protocols.Ping;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Ping;

public sealed class PingTests
{
    [Fact]
    public async Task Both_sides_can_ping_and_the_connection_keeps_the_latency()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        await using Libp2pHost bob = await StartAsync(o => o with { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);
        Assert.Null(connection.Latency);

        TimeSpan first = await bob.PingAsync(alice.PeerId).AsTask().WaitAsync(Patience);
        Assert.True(first > TimeSpan.Zero);
        Assert.Equal(first, connection.Latency);
        TimeSpan second = await bob.PingAsync(alice.PeerId).AsTask().WaitAsync(Patience);
        TimeSpan expected = first + ((second - first) / 8);
        Assert.InRange(connection.Latency!.Value, expected - TimeSpan.FromMicroseconds(1), expected + TimeSpan.FromMicroseconds(1));

        Assert.True(await alice.PingAsync(bob.PeerId).AsTask().WaitAsync(Patience) > TimeSpan.Zero);
    }

    [Fact]
    public async Task The_latency_is_known_without_anyone_asking()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();

        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);

        await Poll.UntilAsync(() => connection.Latency > TimeSpan.Zero, "the muxer's ping is answered");
    }

    [Fact]
    public async Task Exactly_what_was_sent_comes_back_any_number_of_times()
    {
        await using Libp2pHost alice = await StartAsync();
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        YamuxStream ping = await OpenPingAsync(peer);

        for (int i = 0; i < 3; i++)
        {
            byte[] sent = new byte[32];
            new Random(i).NextBytes(sent);
            // in two parts, as a stream may deliver it
            await ping.WriteAsync(sent.AsMemory(0, 5), CancellationToken.None);
            await ping.WriteAsync(sent.AsMemory(5), CancellationToken.None);
            Assert.Equal(sent, await ReadAsync(ping, 32));
        }
        await ping.CloseWriteAsync(CancellationToken.None);
        Assert.Equal(0, await ping.ReadAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(Patience));
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_third_ping_stream_of_a_peer_is_reset()
    {
        await using Libp2pHost alice = await StartAsync();
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        YamuxStream first = await OpenPingAsync(peer);
        YamuxStream second = await OpenPingAsync(peer);
        Assert.Equal(new byte[32], await EchoedAsync(second));

        await FailsWithAsync(Libp2pErrorIds.StreamReset, async () => await EchoedAsync(await OpenPingAsync(peer)));

        Assert.Equal(new byte[32], await EchoedAsync(first));
        await first.CloseWriteAsync(CancellationToken.None);
        Assert.Equal(0, await first.ReadAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(Patience));
        await Poll.UntilAsync(() => alice.Connections[0].InboundStreams == 1, "one of the two is gone");
        Assert.Equal(new byte[32], await EchoedAsync(await OpenPingAsync(peer)));
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_ping_stream_that_rests_too_long_is_reset()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        YamuxStream ping = await OpenPingAsync(peer);
        Assert.Equal(new byte[32], await EchoedAsync(ping));
        Task<int> rest = ping.ReadAsync(new byte[1], CancellationToken.None).AsTask();

        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return rest.IsCompleted;
            },
            "the stream is reset");

        await FailsWithAsync(Libp2pErrorIds.StreamReset, () => rest);
        Assert.Single(alice.Connections);
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_answers_wrongly_or_not_at_all_is_an_error(bool answers)
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        await Poll.UntilAsync(() => alice.Connections.Count == 1, "alice has the connection");
        // identify's stream comes first and is left alone
        await peer.Session.AcceptAsync(CancellationToken.None).AsTask().WaitAsync(Patience);

        Task<TimeSpan> ping = alice.PingAsync(alice.Connections[0].RemotePeer).AsTask();
        YamuxStream stream = (await peer.Session.AcceptAsync(CancellationToken.None).AsTask().WaitAsync(Patience))!;
        await MultistreamSelect.AcceptAsync(stream, [PingService.Protocol], null, CancellationToken.None).AsTask().WaitAsync(Patience);
        byte[] sent = await ReadAsync(stream, 32);
        if (answers)
        {
            sent[31] ^= 1;
            await stream.WriteAsync(sent, CancellationToken.None);
            await FailsWithAsync(Libp2pErrorIds.ProtocolViolation, () => ping);
        }
        else
        {
            await Poll.UntilAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                    return ping.IsCompleted;
                },
                "the ping times out");
            await FailsWithAsync(Libp2pErrorIds.PingTimeout, () => ping);
        }
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    private static async Task<YamuxStream> OpenPingAsync(UpgradedConnection peer)
    {
        YamuxStream stream = await peer.Session.OpenAsync(CancellationToken.None);
        await MultistreamSelect.SelectAsync(stream, [PingService.Protocol], CancellationToken.None).AsTask().WaitAsync(Patience);
        return stream;
    }

    private static async Task<byte[]> EchoedAsync(YamuxStream stream)
    {
        await stream.WriteAsync(new byte[32], CancellationToken.None);
        return await ReadAsync(stream, 32);
    }

    private static async Task<byte[]> ReadAsync(YamuxStream stream, int count)
    {
        byte[] all = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await stream.ReadAsync(all.AsMemory(at), CancellationToken.None).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, read);
            at += read;
        }
        return all;
    }
}
