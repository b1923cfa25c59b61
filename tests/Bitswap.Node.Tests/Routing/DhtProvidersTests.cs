using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>A node that was told of a peer of the DHT: over libp2p, against a peer that answers as the specification has it.</summary>
public sealed class DhtProvidersTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Block _block = Samples.Block(1);

    [Fact]
    public async Task A_get_finds_a_provider_in_the_DHT_dials_it_and_fetches()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await Samples.PutAsync(provider, [_block]);
        await using Libp2pHost peer = await StartPeerAsync(provider);
        await using NodeHost getter = await StartAsync(peer.Addresses);

        Block got = await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);

        Assert.True(got.Data.Span.SequenceEqual(_block.Data.Span));
        Assert.Contains(provider.PeerId, getter.ConnectedPeers);
    }

    [Fact]
    public async Task A_source_gives_the_providers_with_their_addresses()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using Libp2pHost peer = await StartPeerAsync(provider);
        await using NodeHost getter = await StartAsync(peer.Addresses);
        ProviderTally tally = new();
        List<FoundProvider> found = await FindAsync(getter, tally);

        FoundProvider only = Assert.Single(found);
        Assert.Equal((provider.PeerId, ProviderSourceKind.Dht), (only.Peer, only.Source));
        Assert.Equal(provider.Addresses, only.Addresses);
        Assert.Equal((1, 1), (tally.Records, tally.Providers));
    }

    [Fact]
    public async Task A_DHT_that_cannot_be_reached_is_an_error_of_the_source_and_ends_a_get_at_once()
    {
        IReadOnlyList<Multiaddr> gone;
        await using (Libp2pHost peer = await Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate(), ListenAddresses = new NodeOptions().ListenAddresses }))
        {
            gone = peer.Addresses;
        }

        await using NodeHost getter = await StartAsync(gone);
        Assert.Equal("RouterUnreachable", (await Assert.ThrowsAsync<BitswapException>(() => FindAsync(getter, new ProviderTally()).WaitAsync(_patience))).ErrorId);
        Assert.Equal(
            "BlockUnavailable",
            (await Assert.ThrowsAnyAsync<BitswapException>(() => getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience))).ErrorId);
    }

    [Fact]
    public async Task A_network_without_a_DHT_refuses_to_be_told_of_one()
    {
        Multiaddr address = Multiaddr.Parse("/ip4/192.0.2.1/tcp/1/p2p/12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99");
        await Assert.ThrowsAsync<ArgumentException>(() => NodeHost.StartAsync(
            new NodeOptions { Network = new MemoryNetwork(seed: 1).CreatePeer(), Routing = new RoutingOptions { DhtBootstrap = [address] } }));
    }

    private static Task<NodeHost> StartAsync(IReadOnlyList<Multiaddr> bootstrap) => NodeHost.StartAsync(new NodeOptions
    {
        Routing = new RoutingOptions { DhtBootstrap = bootstrap },
        Engine = new EngineOptions { FailFastWithoutPeers = true },
    });

    private async Task<List<FoundProvider>> FindAsync(NodeHost node, ProviderTally tally)
    {
        List<FoundProvider> found = [];
        await foreach (FoundProvider provider in Assert.Single(node.Routing.Sources).FindAsync(_block.Cid, tally, default))
        {
            found.Add(provider);
        }

        return found;
    }

    /// <summary>A peer of the DHT that names one provider of whatever it is asked for.</summary>
    private static async Task<Libp2pHost> StartPeerAsync(NodeHost provider)
    {
        byte[] named = DhtAnswers.Provider(provider.PeerId, provider.Addresses[0]);
        Libp2pHost host = await Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate(), ListenAddresses = new NodeOptions().ListenAddresses });
        host.Handle(KademliaOptions.AminoProtocol, (stream, token) => DhtAnswers.AnswerAsync(stream.ReadAsync, stream.WriteAsync, _ => named, token));
        return host;
    }
}
