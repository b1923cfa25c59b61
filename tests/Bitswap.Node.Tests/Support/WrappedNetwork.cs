using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Reachability;

namespace Bitswap.Node.Tests.Support;

/// <summary>A network that passes everything on, but for what a test changes.</summary>
internal abstract class WrappedNetwork(IPeerNetwork inner) : IPeerNetwork
{
    public PeerId PeerId => inner.PeerId;

    public virtual IReadOnlyList<Multiaddr> Addresses => inner.Addresses;

    public virtual IReadOnlyList<OwnAddress> OwnAddresses => inner.OwnAddresses;

    public IReadOnlyList<PeerConnectionInfo> Connections => inner.Connections;

    public virtual ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken) =>
        inner.StartAsync(handler, messages, cancellationToken);

    public virtual ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken) =>
        inner.ConnectAsync(addresses, terms, cancellationToken);

    public virtual ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken) =>
        inner.LeaseAsync(peer, addresses, terms, cancellationToken);

    public ValueTask<bool> KeepAsync(PeerId peer) => inner.KeepAsync(peer);

    public ValueTask DisconnectAsync(PeerId peer, string reason, CancellationToken cancellationToken) => inner.DisconnectAsync(peer, reason, cancellationToken);

    public virtual ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken) =>
        inner.OpenStreamAsync(peer, protocols, cancellationToken);

    public ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken) => inner.PingAsync(peer, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
