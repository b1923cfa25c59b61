using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>However a query ends, nothing of it runs on.</summary>
public sealed class KademliaEndTests
{
    private readonly TaskCompletionSource _never = new();

    [Fact]
    public async Task A_caller_who_cancels_in_the_middle_leaves_nothing_behind()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(6);
        Array.ForEach(dht.Servers, server => server.Gate = _never.Task);
        KademliaClient client = dht.Client(null, dht.Servers);
        using CancellationTokenSource cancel = new();
        Task<KademliaPeer[]> finding = client.FindProvidersAsync(DhtFixture.Key, cancel.Token).ToArrayAsync().AsTask();
        await Poll.UntilAsync(() => dht.Servers.All(server => server.Asked.Count == 1), "all are asked");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding.WaitAsync(Patience));
        await dht.LeavesNothingAsync(client);
        Assert.Equal(0, client.KnownPeerCount);
    }

    [Fact]
    public async Task A_token_of_the_enumeration_cancels_too()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        KademliaClient client = dht.Client(null, dht.Servers);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (KademliaPeer peer in client.FindProvidersAsync(DhtFixture.Key).WithCancellation(new CancellationToken(true)))
            {
                Assert.Fail($"{peer} was found");
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.FindPeerAsync(KademliaPeers.Id(1), new CancellationToken(true)).AsTask());
        Assert.Empty(dht.Servers[0].Asked);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_caller_who_stops_at_the_first_provider_leaves_nothing_behind()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(5);
        Array.ForEach(dht.Servers[1..], server => server.Gate = _never.Task);
        dht.Servers[0].Providers.AddRange([KademliaPeers.Peer(1), KademliaPeers.Peer(2)]);
        KademliaClient client = dht.Client(null, dht.Servers);

        Assert.Equal(KademliaPeers.Id(1), (await client.FindProvidersAsync(DhtFixture.Key).FirstAsync().AsTask().WaitAsync(Patience)).Id);

        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task Nothing_is_done_before_the_first_result_is_asked_for()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        KademliaClient client = dht.Client(null, dht.Servers);

        IAsyncEnumerable<KademliaPeer> found = client.FindProvidersAsync(DhtFixture.Key);
        await using (IAsyncEnumerator<KademliaPeer> enumerator = found.GetAsyncEnumerator())
        {
        }

        Assert.Empty(dht.Servers[0].Asked);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task At_the_end_of_its_time_a_query_has_given_what_it_found()
    {
        FakeTimeProvider clock = new();
        await using DhtFixture dht = await DhtFixture.StartAsync(2, options => options with { Clock = clock });
        dht.Servers[0].Providers.Add(KademliaPeers.Peer(1));
        dht.Servers[1].Gate = _never.Task;
        KademliaClient client = dht.Client(
            new KademliaOptions { QueryTimeout = TimeSpan.FromSeconds(30), RequestTimeout = TimeSpan.FromMinutes(30) }, dht.Servers);
        await using IAsyncEnumerator<KademliaPeer> found = client.FindProvidersAsync(DhtFixture.Key).GetAsyncEnumerator();
        Assert.True(await found.MoveNextAsync().AsTask().WaitAsync(Patience));
        await Poll.UntilAsync(() => dht.Servers[1].Asked.Count == 1);

        Task<bool> more = found.MoveNextAsync().AsTask();
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(more.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await more.WaitAsync(Patience));
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_query_whose_time_is_up_before_anybody_answered_fails()
    {
        FakeTimeProvider clock = new();
        await using DhtFixture dht = await DhtFixture.StartAsync(1, options => options with { Clock = clock });
        dht.Servers[0].Gate = _never.Task;
        KademliaClient client = dht.Client(
            new KademliaOptions { QueryTimeout = TimeSpan.FromSeconds(30), RequestTimeout = TimeSpan.FromMinutes(30) }, dht.Servers);
        Task finding = client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask();
        await Poll.UntilAsync(() => dht.Servers[0].Asked.Count == 1);

        clock.Advance(TimeSpan.FromSeconds(30));

        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => finding);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_peer_that_is_too_slow_is_left_out_and_forgotten()
    {
        FakeTimeProvider clock = new();
        await using DhtFixture dht = await DhtFixture.StartAsync(2, options => options with { Clock = clock });
        KademliaClient client = dht.Client(
            new KademliaOptions { QueryTimeout = TimeSpan.FromHours(1), RequestTimeout = TimeSpan.FromSeconds(10) }, dht.Servers);
        Assert.Empty(await client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(2, client.KnownPeerCount);
        dht.Servers[1].Gate = _never.Task;
        dht.Servers[0].Providers.Add(KademliaPeers.Peer(1));
        Task<KademliaPeer[]> finding = client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask();
        await Poll.UntilAsync(() => dht.Servers[1].Asked.Count == 2 && dht.Host.Leases.Count == 1);

        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Single(await finding.WaitAsync(Patience));
        Assert.Equal(1, client.KnownPeerCount);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_peer_that_takes_a_connection_and_never_speaks_is_left_out()
    {
        FakeTimeProvider clock = new();
        (System.Net.Sockets.Socket silent, Multiaddr address) = ListenRaw();
        using System.Net.Sockets.Socket listener = silent;
        await using DhtFixture dht = await DhtFixture.StartAsync(0, options => options with
        {
            Clock = clock,
            DialTimeout = TimeSpan.FromHours(1),
            HandshakeTimeout = TimeSpan.FromHours(1),
        });
        KademliaClient client = new(dht.Host, new KademliaOptions
        {
            BootstrapPeers = [address.WithPeerId(KademliaPeers.Id(1))],
            QueryTimeout = TimeSpan.FromHours(1),
            DialTimeout = TimeSpan.FromSeconds(5),
        });
        Task finding = client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask();
        using System.Net.Sockets.Socket accepted = await silent.AcceptAsync().WaitAsync(Patience);

        clock.Advance(TimeSpan.FromSeconds(5));

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => finding);
        Assert.Contains(nameof(KademliaOptions.DialTimeout), error.Message, StringComparison.Ordinal);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task Connections_that_were_there_before_and_protected_peers_stay()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        KademliaClient client = dht.Client(null, dht.Servers);
        await dht.Host.ConnectAsync(dht.Servers[0].Host.Addresses).AsTask().WaitAsync(Patience);
        dht.Host.Protect(dht.Servers[1].Id, "needed");

        Assert.Empty(await client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience));

        await Poll.UntilAsync(() => !dht.Host.IsConnected(dht.Servers[2].Id));
        Assert.True(dht.Host.IsConnected(dht.Servers[0].Id));
        Assert.True(dht.Host.IsConnected(dht.Servers[1].Id));
        Assert.Equal(0, dht.Host.Leases.Count);
    }

    [Fact]
    public async Task Queries_at_one_time_share_connections_and_none_closes_one_that_another_uses()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        TaskCompletionSource gate = new();
        Array.ForEach(dht.Servers, server => server.Gate = gate.Task);
        dht.Servers[0].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client(null, dht.Servers);
        using CancellationTokenSource cancel = new();
        Task cancelled = client.FindProvidersAsync(DhtFixture.Key, cancel.Token).ToArrayAsync().AsTask();
        Task<KademliaPeer[]>[] finding = [.. Enumerable.Range(0, 10).Select(_ => client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask())];
        await Poll.UntilAsync(() => dht.Servers.All(server => server.Asked.Count == 11));
        Assert.Equal(3, dht.Host.AllConnections.Count);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Patience));
        gate.SetResult();

        Assert.All(await Task.WhenAll(finding).WaitAsync(Patience), found => Assert.Single(found));
        Assert.Equal(3, client.KnownPeerCount);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_host_that_stops_ends_its_queries()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2);
        Array.ForEach(dht.Servers, server => server.Gate = _never.Task);
        KademliaClient client = dht.Client(null, dht.Servers);
        Task finding = client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask();
        await Poll.UntilAsync(() => dht.Servers.All(server => server.Asked.Count == 1));

        await dht.Host.StopAsync().AsTask().WaitAsync(Patience);

        await Assert.ThrowsAsync<Libp2pException>(() => finding.WaitAsync(Patience));
        await FailsWithAsync(Libp2pErrorIds.NodeStopped, () => client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask());
        Assert.Equal(0, dht.Host.RunningTasks);
    }

    [Fact]
    public async Task A_host_without_room_for_a_connection_does_not_hold_it_against_the_peer()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1, options => options with { MaxOutboundConnections = 1 });
        // no server of the DHT: one that is connected would be asked as soon as it has said what it speaks
        await using Libp2pHost other = await StartAsync();
        KademliaClient client = dht.Client(new KademliaOptions { Concurrency = 1 }, dht.Servers[0]);
        Assert.Empty(await client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience));
        await dht.LeavesNothingAsync(client);
        await dht.Host.ConnectAsync(other.Addresses).AsTask().WaitAsync(Patience);

        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.PeerUnreachable, () => client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask());
        Assert.Equal(Libp2pErrorIds.LimitExceeded, Assert.IsType<Libp2pException>(error.InnerException).ErrorId);
        await dht.Host.DisconnectAsync(other.PeerId);

        Assert.Equal(1, client.KnownPeerCount);
        Assert.Empty(await client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience));
    }
}
