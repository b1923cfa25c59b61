using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Some DHT servers and a host that asks them, and what must be left of it all: nothing.</summary>
internal sealed class DhtFixture : IAsyncDisposable
{
    // on a busy machine, no time of a query's runs out while a test holds its answers back
    private static readonly KademliaOptions _unhurried = new()
    {
        QueryTimeout = TimeSpan.FromMinutes(10),
        DialTimeout = TimeSpan.FromMinutes(10),
        RequestTimeout = TimeSpan.FromMinutes(10),
    };

    private DhtFixture(Libp2pHost host, DhtServer[] servers)
    {
        Host = host;
        Servers = servers;
    }

    public static byte[] Key { get; } = Multihash.Compute(MultihashCode.Sha256, "what is looked for"u8).ToByteArray();

    public Libp2pHost Host { get; }

    public DhtServer[] Servers { get; }

    public static async Task<DhtFixture> StartAsync(int servers, Func<Libp2pOptions, Libp2pOptions>? configure = null) =>
        new(await TestHosts.StartAsync(configure), await DhtServer.StartManyAsync(servers));

    /// <summary>Servers each of which knows the next only, the nearest to the key at the end.</summary>
    public static async Task<DhtFixture> StartChainAsync(int servers)
    {
        DhtServer[] started = await DhtServer.StartManyAsync(servers);
        KademliaKey target = KademliaKey.Of(Key);
        started = [.. started.OrderByDescending(server => KademliaKey.Of(server.Id).DistanceTo(target))];
        for (int i = 0; i + 1 < started.Length; i++)
        {
            started[i].Closer.Add(started[i + 1].Peer);
        }
        return new DhtFixture(await TestHosts.StartAsync(), started);
    }

    public KademliaClient Client(KademliaOptions? options = null, params DhtServer[] bootstrap) =>
        new(Host, (options ?? _unhurried) with { BootstrapPeers = [.. bootstrap.SelectMany(server => server.Host.Addresses)] });

    /// <summary>Waits until no connection and no task of a query is left.</summary>
    public async Task LeavesNothingAsync(KademliaClient client, int connections = 0)
    {
        await Poll.UntilAsync(() => Host.Leases.Count == 0, "the leases of a query, and of its dials, have ended");
        await Poll.UntilAsync(() => Host.HeldConnections == connections, "the connections of a query are closed");
        // each connection has its own tasks: serving, keep-alive, idleness; accepting and pruning are the host's
        await Poll.UntilAsync(() => Host.RunningTasks <= 2 + (3 * connections), "the tasks of a query have ended");
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Task.WhenAll(Servers.Select(server => server.DisposeAsync().AsTask()));
    }
}
