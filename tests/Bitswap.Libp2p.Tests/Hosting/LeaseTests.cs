using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class LeaseTests
{
    [Fact]
    public async Task The_last_lease_closes_what_was_opened_for_leases()
    {
        await using Libp2pHost host = await StartAsync();
        await using Libp2pHost peer = await StartAsync();

        ConnectionLease first = await LeaseAsync(host, peer);
        ConnectionLease second = await LeaseAsync(host, peer);
        Assert.Single(host.Connections);
        first.Dispose();
        first.Dispose();
        Assert.True(host.IsConnected(peer.PeerId));
        second.Dispose();

        Assert.False(host.IsConnected(peer.PeerId));
        await Poll.UntilAsync(() => host.HeldConnections == 0);
        Assert.Equal(0, host.Leases.Count);
    }

    [Theory]
    [InlineData("connected before")]
    [InlineData("connected later")]
    [InlineData("kept later")]
    [InlineData("protected before")]
    [InlineData("protected later")]
    [InlineData("dialed us before")]
    public async Task Others_who_want_the_connection_outlast_the_leases(string who)
    {
        await using Libp2pHost host = await StartAsync();
        await using Libp2pHost peer = await StartAsync();
        if (who.EndsWith("before", StringComparison.Ordinal))
        {
            await WantAsync();
        }

        using (await LeaseAsync(host, peer))
        {
            if (who.EndsWith("later", StringComparison.Ordinal))
            {
                await WantAsync();
            }
        }

        await host.PingAsync(peer.PeerId).AsTask().WaitAsync(Patience);
        Assert.Single(host.Connections);

        async Task WantAsync()
        {
            switch (who.Split(' ')[0])
            {
                case "connected":
                    await host.ConnectAsync(peer.Addresses).AsTask().WaitAsync(Patience);
                    break;
                case "kept":
                    Assert.True(await host.KeepAsync(peer.PeerId).AsTask().WaitAsync(Patience));
                    break;
                case "protected":
                    host.Protect(peer.PeerId, "needed");
                    break;
                default:
                    await peer.ConnectAsync(host.Addresses).AsTask().WaitAsync(Patience);
                    await Poll.UntilAsync(() => host.IsConnected(peer.PeerId));
                    break;
            }
        }
    }

    [Fact]
    public async Task A_lease_that_cannot_be_had_leaves_nothing_and_one_that_is_given_up_neither()
    {
        await using Libp2pHost host = await StartAsync();
        IReadOnlyList<Multiaddr> gone;
        await using (Libp2pHost peer = await StartAsync())
        {
            gone = peer.Addresses;
        }
        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => host.LeaseAsync(gone[0].PeerId!, gone).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => host.LeaseAsync(host.PeerId, gone).AsTask());
        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => host.LeaseAsync(gone[0].PeerId!, []).AsTask());
        await FailsWithAsync(Libp2pErrorIds.DialToSelf, () => host.LeaseAsync(host.PeerId, host.Addresses).AsTask());
        Assert.Equal(0, host.Leases.Count);

        await using Libp2pHost slow = await StartAsync();
        await Seeded.RunAsync(20, async random =>
        {
            using CancellationTokenSource cancel = new();
            Task<ConnectionLease> leasing = host.LeaseAsync(slow.PeerId, slow.Addresses, ct: cancel.Token).AsTask();
            SpinWait.SpinUntil(() => leasing.IsCompleted, random.Next(10));
            await cancel.CancelAsync();
            await ((Task)leasing).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (leasing.IsCompletedSuccessfully)
            {
                (await leasing).Dispose();
            }
        });

        await Poll.UntilAsync(() => host.Leases.Count == 0 && host.HeldConnections == 0, "dials without a caller leave no connection");
    }

    [Fact]
    public void What_two_dials_that_end_at_once_have_opened_is_closed_with_the_last_lease()
    {
        List<PeerId> closed = [];
        ConnectionLeases leases = new(closed.Add);
        PeerId peer = PrivateKey.Generate().PeerId;
        ConnectionLease[] both = [leases.Take(peer), leases.Take(peer)];

        // when the second asks, both connections are there
        leases.Opened(peer, static () => true);
        leases.Opened(peer, static () => false);
        both[0].Dispose();
        Assert.Empty(closed);
        both[1].Dispose();

        Assert.Equal([peer], closed);
    }

    [Fact]
    public void What_is_kept_outlasts_the_leases_also_where_another_dial_ends_later()
    {
        List<PeerId> closed = [];
        ConnectionLeases leases = new(closed.Add);
        PeerId peer = PrivateKey.Generate().PeerId;
        using (leases.Take(peer))
        {
            leases.Opened(peer, static () => true);
            leases.Keep(peer);
            leases.Opened(peer, static () => true);
        }

        Assert.Empty(closed);
        Assert.Equal(0, leases.Count);
    }

    [Fact]
    public async Task A_leased_connection_is_not_closed_for_want_of_use_and_one_that_is_let_go_is()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost host = await StartAsync(
            o => o with { Clock = clock, KeepAliveInterval = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.FromMinutes(10), HighWater = 1, LowWater = 0 });
        await using Libp2pHost kept = await StartAsync();
        await using Libp2pHost other = await StartAsync();
        await host.ConnectAsync(kept.Addresses).AsTask().WaitAsync(Patience);
        ConnectionLease lease = await LeaseAsync(host, kept);
        await host.ConnectAsync(other.Addresses).AsTask().WaitAsync(Patience);

        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return !host.IsConnected(other.PeerId);
            },
            "the other is closed");
        clock.Advance(TimeSpan.FromHours(1));
        await host.PingAsync(kept.PeerId).AsTask().WaitAsync(Patience);

        lease.Dispose();
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return !host.IsConnected(kept.PeerId);
            },
            "the idle connection is closed");
    }

    [Fact]
    public async Task Nobody_closes_what_another_uses_however_leases_and_connects_interleave()
    {
        await using Libp2pHost host = await StartAsync();
        await using Libp2pHost peer = await StartAsync();
        peer.Handle("/echo", EchoAsync);
        await Seeded.RunAsync(10, async random =>
        {
            int[] seeds = [.. Enumerable.Range(0, 6).Select(_ => random.Next())];
            await Task.WhenAll(seeds.Select(seed => Task.Run(() => UseAsync(new Random(seed))))).WaitAsync(Patience);
            await Poll.UntilAsync(() => host.Leases.Count == 0 && host.HeldConnections == 0, "it is used no more");
        });

        async Task UseAsync(Random random)
        {
            for (int i = 0; i < 10; i++)
            {
                using ConnectionLease lease = await LeaseAsync(host, peer);
                Libp2pStream opened = await host.OpenStreamAsync(peer.PeerId, ["/echo"]);
                await opened.UseAsync(async stream =>
                {
                    byte[] sent = random.Bytes(1 + random.Next(4000));
                    await stream.WriteAsync(sent);
                    await Task.Delay(random.Next(3));
                    await stream.CloseWriteAsync();
                    Assert.Equal(sent, await ReadAllAsync(stream));
                });
            }
        }
    }

    private static Task<ConnectionLease> LeaseAsync(Libp2pHost host, Libp2pHost peer) => host.LeaseAsync(peer.PeerId, peer.Addresses).AsTask().WaitAsync(Patience);
}
