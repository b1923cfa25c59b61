using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Reachability;

namespace Bitswap.Node.Networks.Libp2p;

/// <summary>The real network: a libp2p host over TCP, Noise or TLS, and yamux.</summary>
public sealed class Libp2pNetwork : IPeerNetwork
{
    private readonly Libp2pOptions _options;
    private Func<PeerId, double>? _score;
    private Libp2pHost? _host;
    private MessageOptions? _messages;

    /// <summary>Prepares a host; it starts with <see cref="StartAsync"/>.</summary>
    /// <param name="options">The host's options.</param>
    public Libp2pNetwork(Libp2pOptions options) => _options = options;

    /// <summary>Gets whether messages go over connections that a relay limits.</summary>
    public bool UsesLimitedConnections { get; init; } = true;

    /// <inheritdoc/>
    public PeerId PeerId => _options.Identity.PeerId;

    /// <inheritdoc/>
    public IReadOnlyList<Multiaddr> Addresses => _host?.Addresses ?? [];

    /// <inheritdoc/>
    public IReadOnlyList<OwnAddress> OwnAddresses => _host?.OwnAddresses ?? [];

    /// <inheritdoc/>
    public IReadOnlyList<PeerConnectionInfo> Connections => [.. _host?.Connections.Select(Describe) ?? []];

    /// <inheritdoc/>
    public Func<KademliaOptions, KademliaClient>? Dht => options => new KademliaClient(Host, options);

    /// <inheritdoc/>
    public Func<MdnsOptions, IPeerDiscovery>? Lan => options => new MdnsDiscovery(Host, options);

    /// <inheritdoc/>
    public void UseScores(Func<PeerId, double> score) => _score = score;

    /// <inheritdoc/>
    public async ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken)
    {
        _messages = messages;
        Libp2pHost host = await Libp2pErrors.TranslateAsync(Libp2pHost.StartAsync(_options, cancellationToken), null).ConfigureAwait(false);
        _host = host;
        host.PeerScore = _score;
        host.PeerConnected += connection => handler.PeerConnected(connection.RemotePeer);
        host.PeerIdentified += connection => handler.PeerChanged(connection.RemotePeer);
        host.PeerDisconnected += last => handler.PeerDisconnected(last.RemotePeer, new ConnectionEnd(last.IsClosedHere, last.CloseReason));
        foreach (string protocol in messages.Protocols)
        {
            host.Handle(protocol, (stream, token) => IsUsable(stream) ? handler.HandleStreamAsync(Framed(stream), token) : throw Unusable(stream));
        }

        // Who dialled before the events were attached.
        foreach (Libp2pConnection early in host.Connections)
        {
            handler.PeerConnected(early.RemotePeer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        Libp2pConnection connection = await Libp2pErrors
            .TranslateAsync(Host.ConnectAsync(addresses, terms, cancellationToken).AsTask(), addresses.Count == 1 ? addresses[0] : addresses).ConfigureAwait(false);
        return connection.RemotePeer;
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken) =>
        await Libp2pErrors.TranslateAsync(Host.LeaseAsync(peer, addresses, terms, cancellationToken).AsTask(), peer).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<bool> KeepAsync(PeerId peer) => _host?.KeepAsync(peer) ?? ValueTask.FromResult(false);

    /// <inheritdoc/>
    public ValueTask DisconnectAsync(PeerId peer, string reason, CancellationToken cancellationToken) => Host.DisconnectAsync(peer, reason, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken) =>
        Framed(await Libp2pErrors.TranslateAsync(OpenAsync(peer, protocols, cancellationToken), peer).ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken) =>
        await Libp2pErrors.TranslateAsync(Host.PingAsync(peer, cancellationToken).AsTask(), peer).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Libp2pStream> OpenAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        Libp2pStream stream = await Host.OpenStreamAsync(peer, protocols, cancellationToken).ConfigureAwait(false);
        if (IsUsable(stream))
        {
            return stream;
        }

        stream.Reset();
        await stream.DisposeAsync().ConfigureAwait(false);
        throw Unusable(stream);
    }

    private bool IsUsable(Libp2pStream stream) => UsesLimitedConnections || stream.Connection.Circuit is not { IsLimited: true };

    private static Libp2pException Unusable(Libp2pStream stream) => new(
        Libp2pErrorIds.ProtocolNotSupported,
        $"{stream.RemotePeer} is connected over a relay that limits the connection to {stream.Connection.Circuit}, and {nameof(NodeOptions.BitswapOverRelays)} is off.");

    private FramedStream Framed(Libp2pStream stream) => new(stream.RemotePeer, stream.Protocol, new Libp2pByteStream(stream), _messages!);

    private Libp2pHost Host => _host ?? throw NodeErrors.Stopped();

    private static PeerConnectionInfo Describe(Libp2pConnection connection) => new(
        connection.RemotePeer,
        connection.RemoteAddress,
        connection.Direction == ConnectionDirection.Inbound,
        connection.Opened,
        connection.AgentVersion,
        connection.RemoteProtocols,
        connection.Latency,
        connection.Security.ToString())
    {
        Relay = connection.Circuit?.Relay,
        RelayLimit = connection.Circuit is { IsLimited: true } circuit ? circuit.ToString() : null,
    };
}
