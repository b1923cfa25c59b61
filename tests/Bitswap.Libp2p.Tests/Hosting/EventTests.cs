using System.Collections.Concurrent;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class EventTests
{
    [Fact]
    public async Task Each_first_and_last_connection_of_a_peer_is_told_once_and_in_order()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        var seen = new ConcurrentQueue<string>();
        bob.PeerConnected += c => seen.Enqueue($"+{c.RemotePeer}");
        bob.PeerDisconnected += last => seen.Enqueue($"-{last.RemotePeer}");

        for (int i = 0; i < 5; i++)
        {
            await bob.ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
            Assert.Equal((2 * i) + 1, seen.Count);
            await bob.DisconnectAsync(alice.PeerId).AsTask().WaitAsync(Patience);
            Assert.Equal((2 * i) + 2, seen.Count);
            Assert.False(bob.IsConnected(alice.PeerId));
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? "+" : "-") + alice.PeerId), seen);
    }

    [Fact]
    public async Task A_second_connection_of_a_peer_is_not_told_and_its_end_neither()
    {
        await using Libp2pHost alice = await StartAsync();
        var seen = new ConcurrentQueue<string>();
        alice.PeerConnected += c => seen.Enqueue("+");
        alice.PeerDisconnected += p => seen.Enqueue("-");
        var identity = Bitswap.Libp2p.Crypto.PrivateKey.Generate();
        UpgradedConnection first = await DialRawAsync(alice, identity);
        UpgradedConnection second = await DialRawAsync(alice, identity);
        Task running = Task.WhenAll(first.Session.RunAsync(), second.Session.RunAsync());
        await Poll.UntilAsync(() => alice.Connections.Count == 2, "both connections are up");
        await Poll.UntilAsync(() => !seen.IsEmpty, "the first was told");

        await first.DisposeAsync();
        await Poll.UntilAsync(() => alice.Connections.Count == 1, "one is gone");
        Assert.Equal(["+"], seen);

        await second.DisposeAsync();
        await Poll.UntilAsync(() => alice.HeldConnections == 0, "both are gone");
        Assert.Equal(["+", "-"], seen);
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task Events_come_one_at_a_time()
    {
        await using Libp2pHost alice = await StartAsync();
        int inside = 0;
        int told = 0;
        bool overlapped = false;
        void Check()
        {
            overlapped |= Interlocked.Increment(ref inside) != 1;
            Thread.SpinWait(2000);
            Interlocked.Decrement(ref inside);
            Interlocked.Increment(ref told);
        }
        alice.PeerConnected += _ => Check();
        alice.PeerDisconnected += _ => Check();
        alice.PeerIdentified += _ => Check();

        Libp2pHost[] others = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => StartAsync()));
        await Task.WhenAll(others.Select(o => o.ConnectAsync(alice.Addresses).AsTask())).WaitAsync(Patience);
        await Poll.UntilAsync(() => Volatile.Read(ref told) == 16, "all are connected and identified");
        await Task.WhenAll(others.Select(o => o.DisposeAsync().AsTask())).WaitAsync(Patience);
        await Poll.UntilAsync(() => Volatile.Read(ref told) == 24, "all are gone");

        Assert.False(overlapped);
    }

    [Fact]
    public async Task A_subscriber_that_fails_does_not_keep_the_next_from_being_told()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        int told = 0;
        bob.PeerConnected += _ => throw new InvalidOperationException("on purpose");
        bob.PeerConnected += _ => told++;

        await bob.ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);

        Assert.Equal(1, told);
    }

    [Fact]
    public async Task A_peer_that_is_killed_is_told_as_disconnected()
    {
        await using Libp2pHost alice = await StartAsync();
        var gone = new TaskCompletionSource<PeerId>(TaskCreationOptions.RunContinuationsAsynchronously);
        var here = new TaskCompletionSource<PeerId>(TaskCreationOptions.RunContinuationsAsynchronously);
        alice.PeerConnected += c => here.TrySetResult(c.RemotePeer);
        alice.PeerDisconnected += last => gone.TrySetResult(last.RemotePeer);
        UpgradedConnection peer = await DialRawAsync(alice);
        PeerId peerId = await here.Task.WaitAsync(Patience);

        peer.Channel.Abort();

        Assert.Equal(peerId, await gone.Task.WaitAsync(Patience));
        Assert.Empty(alice.Connections);
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_given_up()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(o => o with { Clock = clock });
        // its session never runs: the socket is open and not read
        UpgradedConnection peer = await DialRawAsync(alice);
        await Poll.UntilAsync(() => alice.Connections.Count == 1, "alice has the connection");

        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return alice.HeldConnections == 0;
            },
            "the silent peer is given up");

        await peer.DisposeAsync();
    }

    [Fact]
    public async Task An_idle_connection_is_closed_and_a_protected_one_is_not()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(
            o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.FromMinutes(10) });
        await using Libp2pHost bob = await StartAsync();
        await using Libp2pHost carol = await StartAsync();
        carol.Handle("/echo", EchoAsync);
        alice.Protect(bob.PeerId, "a friend");
        Libp2pConnection toBob = await alice.ConnectAsync(bob.Addresses);
        Libp2pConnection toCarol = await alice.ConnectAsync(carol.Addresses);
        await Poll.UntilAsync(
            () => toBob.IsIdentified && toCarol.IsIdentified && toBob.StreamCount + toCarol.StreamCount == 0, "identify is through");
        Libp2pStream busy = await alice.OpenStreamAsync(carol.PeerId, ["/echo"]);

        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(2, alice.Connections.Count);

        await busy.CloseWriteAsync();
        Assert.Empty(await ReadAllAsync(busy));
        await busy.DisposeAsync();
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return !alice.IsConnected(carol.PeerId);
            },
            "the idle connection is closed");
        Assert.True(alice.IsConnected(bob.PeerId));

        alice.Unprotect(bob.PeerId, "a friend");
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return !alice.IsConnected(bob.PeerId);
            },
            "the one that is protected no more is closed as well");
    }
}
