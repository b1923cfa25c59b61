using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Reachability;
using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Networks;

/// <summary>A network of peers and gateways: what has an address of HTTP is asked there, and all else goes to the network of peers, whose identity the node has.</summary>
/// <param name="peers">The network of peers, which is owned.</param>
/// <param name="gateways">The gateways, which are owned.</param>
internal sealed class JoinedNetwork(IPeerNetwork peers, HttpNetwork gateways) : IPeerNetwork
{
    /// <inheritdoc/>
    public PeerId PeerId => peers.PeerId;

    /// <inheritdoc/>
    public IReadOnlyList<Multiaddr> Addresses => peers.Addresses;

    /// <inheritdoc/>
    public IReadOnlyList<OwnAddress> OwnAddresses => peers.OwnAddresses;

    /// <inheritdoc/>
    public IReadOnlyList<PeerConnectionInfo> Connections => [.. peers.Connections, .. gateways.Connections];

    /// <inheritdoc/>
    public Func<KademliaOptions, KademliaClient>? Dht => peers.Dht;

    /// <inheritdoc/>
    public Func<MdnsOptions, IPeerDiscovery>? Lan => peers.Lan;

    /// <inheritdoc/>
    public void UseScores(Func<PeerId, double> score)
    {
        peers.UseScores(score);
        gateways.UseScores(score);
    }

    /// <inheritdoc/>
    public IGraphWalk? Expect(GraphRange range) => gateways.Expect(range);

    /// <inheritdoc/>
    public ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken)
    {
        gateways.Start(handler, messages);
        return peers.StartAsync(handler, messages, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        Multiaddr[] http = [.. addresses.Where(HttpAddress.IsHttp)];
        if (http.Length == 0)
        {
            return await peers.ConnectAsync(addresses, terms, cancellationToken).ConfigureAwait(false);
        }

        Multiaddr[] others = [.. addresses.Except(http)];
        try
        {
            return others.Length > 0
                ? await peers.ConnectAsync(others, terms, cancellationToken).ConfigureAwait(false)
                : await gateways.ConnectAsync(http, terms, cancellationToken).ConfigureAwait(false);
        }
        catch (BitswapException unreachable) when (others.Length > 0 && unreachable.ErrorId != NodeErrorIds.NodeStopped)
        {
            return await gateways.ConnectAsync(http, terms, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken) =>
        gateways.IsConnected(peer) || addresses.Any(address => peer.Equals(address.PeerId) && HttpAddress.IsOwn(address))
            ? gateways.LeaseAsync(peer, addresses, terms, cancellationToken)
            : peers.LeaseAsync(peer, addresses, terms, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> KeepAsync(PeerId peer) => gateways.Keep(peer) ? ValueTask.FromResult(true) : peers.KeepAsync(peer);

    /// <inheritdoc/>
    public ValueTask DisconnectAsync(PeerId peer, string reason, CancellationToken cancellationToken)
    {
        if (!gateways.IsConnected(peer))
        {
            return peers.DisconnectAsync(peer, reason, cancellationToken);
        }

        gateways.Disconnect(peer, reason);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken) =>
        gateways.IsConnected(peer) ? ValueTask.FromResult(gateways.OpenStream(peer, protocols)) : peers.OpenStreamAsync(peer, protocols, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken) =>
        gateways.IsConnected(peer) ? gateways.PingAsync(peer, cancellationToken) : peers.PingAsync(peer, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await gateways.DisposeAsync().ConfigureAwait(false);
        await peers.DisposeAsync().ConfigureAwait(false);
    }
}
