using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Security.Noise;
using Bitswap.Libp2p.Security.Psk;
using Bitswap.Libp2p.Security.Tls;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Libp2p.Transports.WebSockets;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Makes a secured, muxed connection of a socket: the WebSocket, where the address has one, the encryption of a private network, where the host is in one, multistream-select for <c>/noise</c> or <c>/tls/1.0.0</c>, the handshake, and the muxer, which the handshake
/// settles on the way with a peer that knows how (libp2p specs, connections/inlined-muxer-negotiation.md) and multistream-select otherwise.
/// </summary>
internal sealed class ConnectionUpgrader : IDisposable
{
    private const string NoiseProtocol = "/noise";

    private static readonly Multiaddr _webSocket = Multiaddr.Parse("/ws");
    private static readonly string[] _muxers = [YamuxSession.ProtocolId];

    private readonly Libp2pOptions _options;
    private readonly YamuxOptions _yamux;
    private readonly ReceiveShares _shares;
    private readonly string[] _security;
    private readonly Lazy<TlsIdentity> _tls;

    /// <exception cref="ArgumentException">None of the security protocols is there on this system.</exception>
    public ConnectionUpgrader(Libp2pOptions options)
    {
        _options = options;
        _security =
        [
            .. options.SecurityProtocols
                .Where(protocol => protocol != SecurityProtocol.Tls || TlsConstants.IsSupported)
                .Select(protocol => protocol == SecurityProtocol.Tls ? TlsConstants.ProtocolId : NoiseProtocol),
        ];
        if (_security.Length == 0)
        {
            throw new ArgumentException($"{nameof(Libp2pOptions.SecurityProtocols)} names TLS alone, and TLS 1.3 is not available on this system.");
        }
        _tls = new Lazy<TlsIdentity>(() => TlsIdentity.Create(options.Identity));
        _shares = new ReceiveShares(options.MaxReceiveWindows);
        _yamux = options.Yamux with
        {
            PingTimeout = options.PingTimeout,
            CloseTimeout = options.StopTimeout < options.Yamux.CloseTimeout ? options.StopTimeout : options.Yamux.CloseTimeout,
            MaxInboundStreams = Math.Max(options.Yamux.MaxInboundStreams, options.MaxInboundStreamsPerConnection),
        };
    }

    /// <summary>Upgrades a socket, which it owns from here on.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="direction">Who dialed.</param>
    /// <param name="expected">Who is to answer, or null.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="target">What was dialed; null for a connection that came in.</param>
    /// <param name="isWebSocket">Whether the one that came in opens a WebSocket first.</param>
    /// <param name="pending">Its place among the sockets that are not secured yet, which it may lose; null for one that this side dialed.</param>
    /// <exception cref="Libp2pException">
    /// HandshakeTimeout, HandshakeFailed, NegotiationFailed, NoCommonSecurity, NoCommonMuxer, PrivateNetwork, PeerIdMismatch or ConnectionClosed; PeerUnreachable where the
    /// other side closes before it says anything; LimitExceeded where the place is lost. The socket is closed.
    /// </exception>
    public async Task<UpgradedConnection> UpgradeAsync(
        Socket socket,
        ConnectionDirection direction,
        PeerId? expected,
        CancellationToken ct,
        DialTarget? target = null,
        bool isWebSocket = false,
        PendingHandshake? pending = null)
    {
        bool hasHeard = false;
        var raw = new TcpChannel(socket)
        {
            Received = () =>
            {
                hasHeard = true;
                pending?.Heard();
            },
        };
        RawConnection connection = new(raw, raw.LocalEndPoint, raw.RemoteEndPoint) { HasHeard = () => hasHeard, StopListening = () => raw.Received = null };
        return await UpgradeAsync(connection, direction, expected, ct, target, isWebSocket, pending).ConfigureAwait(false);
    }

    /// <summary>Upgrades a connection of any kind, which it owns from here on.</summary>
    /// <inheritdoc cref="UpgradeAsync(Socket, ConnectionDirection, PeerId?, CancellationToken, DialTarget?, bool, PendingHandshake?)" path="/exception"/>
    public async Task<UpgradedConnection> UpgradeAsync(
        RawConnection connection,
        ConnectionDirection direction,
        PeerId? expected,
        CancellationToken ct,
        DialTarget? target = null,
        bool isWebSocket = false,
        PendingHandshake? pending = null)
    {
        CancellationToken letGo = pending?.WhenLetGo ?? CancellationToken.None;
        using var timeout = new CancellationTokenSource(_options.HandshakeTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token, letGo);
        BufferedChannel raw = connection.Channel;
        BufferedChannel carrier = raw;
        SecureChannel? secured = null;
        Multiaddr? over = connection.Over;
        try
        {
            if (target?.WebSocket is { } address)
            {
                carrier = await WebSocketOpening.RequestAsync(raw, address, target.EndPoint.Port, _options.WebSocketTrust, either.Token).ConfigureAwait(false);
                over = address.Suffix;
            }
            else if (isWebSocket)
            {
                carrier = await WebSocketOpening.AcceptAsync(raw, either.Token).ConfigureAwait(false);
                over = _webSocket;
            }
            if (_options.SwarmKey is { } key)
            {
                carrier = await PrivateChannel.OpenAsync(carrier, key, either.Token).ConfigureAwait(false);
            }
            (secured, SecurityProtocol security) = await SecureAsync(carrier, direction, expected, either.Token).ConfigureAwait(false);
            await AgreeOnMuxerAsync(secured, direction, either.Token).ConfigureAwait(false);
            bool isInitiator = direction == ConnectionDirection.Outbound;
            connection.StopListening();
            var session = new YamuxSession(secured, isInitiator, _yamux, _options.Clock, _shares);
            return new UpgradedConnection(secured, session, secured.RemoteKey, connection.LocalEndPoint, connection.RemoteEndPoint, direction, security, over) { Circuit = connection.Circuit };
        }
        catch (Exception error)
        {
            IAsyncDisposable owner = secured is null ? carrier : secured;
            await owner.DisposeAsync().ConfigureAwait(false);
            if (error is OperationCanceledException && letGo.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new Libp2pException(Libp2pErrorIds.LimitExceeded, $"{connection.Who} was silent in its handshake, and others needed its place.", error);
            }
            if (error is Libp2pException { ErrorId: Libp2pErrorIds.ConnectionClosed or Libp2pErrorIds.NegotiationFailed or Libp2pErrorIds.HandshakeFailed } && direction == ConnectionDirection.Outbound && !connection.HasHeard())
            {
                throw new Libp2pException(
                    Libp2pErrorIds.PeerUnreachable, $"{connection.Who} closed the connection before it said anything: it may be busy, and have no place for more.", error);
            }
            if (error is OperationCanceledException && timeout.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new Libp2pException(
                    Libp2pErrorIds.HandshakeTimeout,
                    $"{connection.Who} did not finish the handshake within {nameof(Libp2pOptions.HandshakeTimeout)} ({_options.HandshakeTimeout})"
                    + (secured is null && _options.SwarmKey is not null ? ": it may have another swarm key than this host, or none." : "."));
            }
            throw;
        }
    }

    /// <summary>Lets go of what TLS proves this host with; a TLS handshake that is under way fails.</summary>
    public void Dispose()
    {
        if (_tls.IsValueCreated)
        {
            _tls.Value.Dispose();
        }
    }

    private async ValueTask<(SecureChannel Channel, SecurityProtocol Protocol)> SecureAsync(BufferedChannel raw, ConnectionDirection direction, PeerId? expected, CancellationToken ct)
    {
        bool dials = direction == ConnectionDirection.Outbound;
        string protocol;
        try
        {
            protocol = dials
                ? await SelectSecurityAsync(raw, ct).ConfigureAwait(false)
                : await MultistreamSelect.AcceptAsync(raw, _security, _options.Multistream, ct).ConfigureAwait(false);
        }
        catch (NoGreetingException other) when (raw is PrivateChannel)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PrivateNetwork,
                "What the other side sends is no greeting of a libp2p peer when it is decrypted with the swarm key of this host: it may have another key.",
                other);
        }
        catch (Libp2pException ended) when (raw is PrivateChannel && dials && ended.ErrorId is Libp2pErrorIds.NegotiationFailed or Libp2pErrorIds.ConnectionClosed)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PrivateNetwork,
                "The other side closed the connection before it greeted in the private network of this host: it may have another swarm key or none, or no place for more.",
                ended);
        }
        SecureChannel secured = (protocol, dials) switch
        {
            (NoiseProtocol, true) => await NoiseHandshake.InitiateAsync(raw, _options.Identity, expected, _muxers, _options.Noise, ct).ConfigureAwait(false),
            (NoiseProtocol, false) => await NoiseHandshake.RespondAsync(raw, _options.Identity, expected, _muxers, _options.Noise, ct).ConfigureAwait(false),
            (_, true) => await TlsHandshake.InitiateAsync(raw, _tls.Value, expected, _muxers, _options.Clock, ct).ConfigureAwait(false),
            (_, false) => await TlsHandshake.RespondAsync(raw, _tls.Value, expected, _muxers, _options.Clock, ct).ConfigureAwait(false),
        };
        return (secured, protocol == NoiseProtocol ? SecurityProtocol.Noise : SecurityProtocol.Tls);
    }

    private async ValueTask<string> SelectSecurityAsync(BufferedChannel raw, CancellationToken ct)
    {
        try
        {
            return await MultistreamSelect.SelectAsync(raw, _security, ct).ConfigureAwait(false);
        }
        catch (Libp2pException refused) when (refused.ErrorId == Libp2pErrorIds.ProtocolNotSupported)
        {
            throw new Libp2pException(
                Libp2pErrorIds.NoCommonSecurity, $"The peer offers no security protocol that is spoken here: {string.Join(", ", _security)}.", refused);
        }
        catch (NoGreetingException other) when (other.IsTls && raw is not PrivateChannel)
        {
            throw new Libp2pException(
                Libp2pErrorIds.NegotiationFailed, "The protocol negotiation failed: the other side answers in TLS, as a web server does, and not as a libp2p peer.", other);
        }
        catch (NoGreetingException other) when (other.IsBinary && raw is not PrivateChannel)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PrivateNetwork,
                "The other side does not greet as a libp2p peer does, but with bytes that are no text, as a peer of a private network does, which has a swarm key.",
                other);
        }
    }

    private async ValueTask AgreeOnMuxerAsync(SecureChannel secured, ConnectionDirection direction, CancellationToken ct)
    {
        if (secured.EarlyMuxer is not null)
        {
            return;
        }
        if (direction == ConnectionDirection.Outbound)
        {
            try
            {
                await MultistreamSelect.SelectAsync(secured, _muxers, ct).ConfigureAwait(false);
            }
            catch (Libp2pException refused) when (refused.ErrorId == Libp2pErrorIds.ProtocolNotSupported || secured.RemoteMuxers.Count > 0)
            {
                // js-libp2p hangs up in place of refusing, once both have named their muxers in the handshake
                string offered = secured.RemoteMuxers.Count == 0 ? "" : $" It offers {MultistreamMessage.Printable(Encoding.UTF8.GetBytes(string.Join(", ", secured.RemoteMuxers)))}.";
                throw new Libp2pException(
                    Libp2pErrorIds.NoCommonMuxer, $"The peer offers no yamux ({YamuxSession.ProtocolId}), the stream muxer spoken here; mplex is not.{offered}", refused);
            }
        }
        else
        {
            await MultistreamSelect.AcceptAsync(secured, _muxers, _options.Multistream, ct).ConfigureAwait(false);
        }
    }
}

/// <summary>Represents a connection that is secured and has its muxer, not admitted yet.</summary>
/// <param name="Channel">The secured connection.</param>
/// <param name="Session">Its muxer.</param>
/// <param name="RemoteKey">The key that the other side proved.</param>
/// <param name="LocalEndPoint">This side's socket.</param>
/// <param name="RemoteEndPoint">The other side's socket.</param>
/// <param name="Direction">Who dialed.</param>
/// <param name="Security">What secures it.</param>
/// <param name="Over">What stands behind the TCP port in its addresses, such as <c>/ws</c>; null for plain TCP.</param>
internal sealed record UpgradedConnection(
    SecureChannel Channel,
    YamuxSession Session,
    PublicKey RemoteKey,
    IPEndPoint LocalEndPoint,
    IPEndPoint RemoteEndPoint,
    ConnectionDirection Direction,
    SecurityProtocol Security,
    Multiaddr? Over) : IAsyncDisposable
{
    /// <summary>Gets the relay that carries it; null for a direct connection.</summary>
    public RelayCircuit? Circuit { get; init; }

    /// <summary>Gets the peer that proved itself.</summary>
    public PeerId RemotePeer { get; } = RemoteKey.PeerId;

    /// <summary>Says goodbye and closes it.</summary>
    public ValueTask DisposeAsync() => Session.DisposeAsync();
}

/// <summary>Represents a connection that nothing is known of yet but what carries it.</summary>
/// <param name="Channel">Its bytes.</param>
/// <param name="LocalEndPoint">This side's socket.</param>
/// <param name="RemoteEndPoint">The other side's socket; of a relayed connection that of the relay.</param>
internal sealed record RawConnection(BufferedChannel Channel, IPEndPoint LocalEndPoint, IPEndPoint RemoteEndPoint)
{
    /// <summary>Gets what stands behind the TCP port in its addresses, unless it is still to be opened; null for plain TCP.</summary>
    public Multiaddr? Over { get; init; }

    /// <summary>Gets the relay that carries it; null for a direct connection.</summary>
    public RelayCircuit? Circuit { get; init; }

    /// <summary>Gets who is at the other end, for a message.</summary>
    public string Who => Circuit is null ? RemoteEndPoint.ToString() : $"The peer behind the relay {Circuit.Relay}";

    /// <summary>Returns whether anything came from the other side.</summary>
    public Func<bool> HasHeard { get; init; } = static () => true;

    /// <summary>Called when the handshake is over.</summary>
    public Action StopListening { get; init; } = static () => { };
}
