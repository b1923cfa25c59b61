using System.Buffers;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class StreamTests
{
    [Fact]
    public async Task A_stream_carries_bytes_both_ways_and_half_closes()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);

        await using Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
        byte[] data = new byte[300_000];
        new Random(7).NextBytes(data);
        Task<byte[]> reading = ReadAllAsync(stream);
        await stream.WriteAsync(data);
        await stream.CloseWriteAsync();

        Assert.Equal(data, await reading.WaitAsync(Patience));
        Assert.Equal("/echo", stream.Protocol);
        Assert.Equal(alice.PeerId, stream.RemotePeer);
    }

    [Fact]
    public async Task The_first_protocol_that_the_peer_speaks_is_used()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo/1", EchoAsync);
        alice.Handle("/echo/2", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);

        await using Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/echo/3", "/echo/2", "/echo/1"]);

        Assert.Equal("/echo/2", stream.Protocol);
    }

    [Fact]
    public async Task Protocols_that_the_peer_does_not_speak_are_an_error_that_names_them()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.ProtocolNotSupported, () => bob.OpenStreamAsync(alice.PeerId, ["/none/1", "/none/2"]).AsTask());

        Assert.Contains("/none/1", error.Message, StringComparison.Ordinal);
        Assert.Contains("/none/2", error.Message, StringComparison.Ordinal);
        await Poll.UntilAsync(() => connection.StreamCount == 0, "the refused stream is forgotten");
    }

    [Fact]
    public async Task A_handler_that_was_taken_away_is_no_longer_spoken_to()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);

        Assert.True(alice.Unhandle("/echo"));
        Assert.False(alice.Unhandle("/echo"));

        await FailsWithAsync(Libp2pErrorIds.ProtocolNotSupported, () => bob.OpenStreamAsync(alice.PeerId, ["/echo"]).AsTask());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a\nb")]
    [InlineData("/ipfs/id/1.0.0")]
    [InlineData("/ipfs/id/push/1.0.0")]
    [InlineData("/ipfs/ping/1.0.0")]
    public async Task A_name_that_cannot_be_handled_is_refused(string protocol)
    {
        await using Libp2pHost host = await StartAsync();

        Assert.ThrowsAny<ArgumentException>(() => host.Handle(protocol, EchoAsync));
        Assert.ThrowsAny<ArgumentException>(() => host.Handle(new string('x', 513), EchoAsync));
    }

    [Fact]
    public async Task A_hundred_streams_run_at_once()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int open = 0;
        alice.Handle("/echo", async (stream, ct) =>
        {
            if (Interlocked.Increment(ref open) == 100)
            {
                all.SetResult();
            }
            // none is answered before all are there
            await all.Task.WaitAsync(ct);
            await EchoAsync(stream, ct);
        });
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            await using Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
            byte[] data = [(byte)i, 1, 2, 3];
            await stream.WriteAsync(data);
            await stream.CloseWriteAsync();
            Assert.Equal(data, await ReadAllAsync(stream));
        })).WaitAsync(Patience);

        await Poll.UntilAsync(() => connection.StreamCount == 0 && alice.Connections[0].StreamCount == 0, "no stream is left");
    }

    [Fact]
    public async Task A_handler_that_fails_resets_its_stream_and_nothing_else()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/fails", async (stream, ct) =>
        {
            Assert.Equal(1, await stream.ReadAsync(new byte[1], ct));
            throw new InvalidOperationException("on purpose");
        });
        alice.Handle("/echo", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);

        await using Libp2pStream failed = await bob.OpenStreamAsync(alice.PeerId, ["/fails"]);
        await failed.WriteAsync(new byte[1]);
        await FailsWithAsync(Libp2pErrorIds.StreamReset, () => failed.ReadAsync(new byte[1]).AsTask());

        await using Libp2pStream echo = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
        await echo.WriteAsync(new byte[] { 42 });
        await echo.CloseWriteAsync();
        Assert.Equal([42], await ReadAllAsync(echo));
    }

    [Fact]
    public async Task A_handler_that_returns_ends_its_stream_in_peace()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/greets", (stream, ct) => stream.WriteAsync("hello"u8.ToArray(), ct).AsTask());
        await bob.ConnectAsync(alice.Addresses);

        await using Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/greets"]);
        // what is written to it until then is discarded, and is no error
        await stream.WriteAsync(new byte[1000]);

        Assert.Equal("hello"u8.ToArray(), await ReadAllAsync(stream));
        await stream.CloseWriteAsync();
        await Poll.UntilAsync(() => alice.Connections[0].StreamCount == 0, "the stream is gone at alice");
    }

    [Fact]
    public async Task A_disposed_stream_whose_peer_never_ends_is_reset_in_time()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync(o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        alice.Handle("/holds", async (stream, ct) =>
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[1], ct));
            // it writes nothing and does not end: only the reset of the other side gets it out
            using var gone = new CancellationTokenSource(Patience);
            try
            {
                while (true)
                {
                    await stream.WriteAsync(new byte[1], gone.Token);
                    await Task.Delay(5, gone.Token);
                }
            }
            catch (Libp2pException error)
            {
                ended.SetResult(error.ErrorId);
            }
        });
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);
        Libp2pStream held = await bob.OpenStreamAsync(alice.PeerId, ["/holds"]);
        await Poll.UntilAsync(() => connection.IsIdentified && connection.StreamCount == 1, "identify is through");

        await held.DisposeAsync();
        Assert.Equal(1, connection.StreamCount);
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return connection.StreamCount == 0;
            },
            "the stream is reset");

        Assert.Equal(Libp2pErrorIds.StreamReset, await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_disposed_stream_does_not_take_in_data_without_end()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        alice.Handle("/floods", async (stream, ct) =>
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[1], ct));
            try
            {
                while (true)
                {
                    await stream.WriteAsync(new byte[16 * 1024], ct);
                }
            }
            catch (Libp2pException error)
            {
                ended.SetResult(error.ErrorId);
            }
        });
        await bob.ConnectAsync(alice.Addresses);
        Libp2pStream flooded = await bob.OpenStreamAsync(alice.PeerId, ["/floods"]);

        await flooded.DisposeAsync();

        Assert.Equal(Libp2pErrorIds.StreamReset, await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_disposed_stream_refuses_calls_and_may_be_disposed_again()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);
        Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);

        await stream.DisposeAsync();
        await stream.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.WriteAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task A_read_under_way_ends_when_its_stream_is_disposed()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);
        Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
        Task<int> read = stream.ReadAsync(new byte[1]).AsTask();

        await stream.DisposeAsync();

        // the echo may end first, which is an end as good as the reset
        Task ended = await Task.WhenAny(read, Task.Delay(Patience));
        Assert.Same(read, ended);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        await bob.ConnectAsync(alice.Addresses);
        await using Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/echo"]);
        using var cancellation = new CancellationTokenSource();
        Task<int> read = stream.ReadAsync(new byte[4], cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience));
        await stream.WriteAsync(new byte[] { 1, 2, 3, 4 });
        await stream.CloseWriteAsync();

        Assert.Equal([1, 2, 3, 4], await ReadAllAsync(stream));
    }

    [Fact]
    public async Task A_peer_that_does_not_agree_on_a_protocol_in_time_costs_the_stream()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        await Poll.UntilAsync(() => alice.IsConnected(peer.RemotePeer) || alice.Connections.Count == 1, "alice has the connection");
        PeerId peerId = alice.Connections[0].RemotePeer;

        Task<Libp2pStream> ours = alice.OpenStreamAsync(peerId, ["/echo"]).AsTask();
        YamuxStream theirs = await peer.Session.OpenAsync(CancellationToken.None);
        Task<int> read = theirs.ReadAsync(new byte[64], CancellationToken.None).AsTask();
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return ours.IsCompleted && read.IsCompleted;
            },
            "both negotiations time out");

        await FailsWithAsync(Libp2pErrorIds.HandshakeTimeout, () => ours);
        await FailsWithAsync(Libp2pErrorIds.StreamReset, () => read);
        Assert.True(alice.IsConnected(peerId));
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_stream_that_speaks_garbage_is_reset_and_the_connection_lives_on()
    {
        await using Libp2pHost alice = await StartAsync();
        alice.Handle("/echo", EchoAsync);
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();

        YamuxStream bad = await peer.Session.OpenAsync(CancellationToken.None);
        await bad.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0xff }, CancellationToken.None);
        await FailsWithAsync(Libp2pErrorIds.StreamReset, async () =>
        {
            while (await bad.ReadAsync(new byte[64], CancellationToken.None) > 0)
            {
            }
        });

        YamuxStream good = await peer.Session.OpenAsync(CancellationToken.None);
        Assert.Equal("/echo", await MultistreamSelect.SelectAsync(good, ["/echo"], CancellationToken.None).AsTask().WaitAsync(Patience));
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_stream_to_a_stranger_is_an_error()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();

        await FailsWithAsync(Libp2pErrorIds.ConnectionClosed, () => bob.OpenStreamAsync(alice.PeerId, ["/echo"]).AsTask());
    }
}
