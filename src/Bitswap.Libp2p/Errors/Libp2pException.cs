namespace Bitswap.Libp2p.Errors;

/// <summary>Represents an operation of the libp2p host failed. <see cref="ErrorId"/> tells how, in a form that does not change between versions.</summary>
public class Libp2pException : IOException
{
    /// <summary>Makes an error.</summary>
    /// <param name="errorId">One of <see cref="Libp2pErrorIds"/>.</param>
    /// <param name="message">What happened, for a person.</param>
    public Libp2pException(string errorId, string message)
        : this(errorId, message, null)
    {
    }

    /// <summary>Makes an error that another one caused.</summary>
    /// <param name="errorId">One of <see cref="Libp2pErrorIds"/>.</param>
    /// <param name="message">What happened, for a person.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="errorId"/> is empty.</exception>
    public Libp2pException(string errorId, string message, Exception? innerException)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ErrorId = errorId;
    }

    /// <summary>Gets the id of the error, one of <see cref="Libp2pErrorIds"/>.</summary>
    public string ErrorId { get; }
}

/// <summary>Defines the stable identifiers that <see cref="Libp2pException.ErrorId"/> takes.</summary>
public static class Libp2pErrorIds
{
    /// <summary>The dialed peer proved another identity than the expected one.</summary>
    public const string PeerIdMismatch = "PeerIdMismatch";

    /// <summary>The Noise or TLS handshake was malformed, failed its authentication, or named a key that did not sign it.</summary>
    public const string HandshakeFailed = "HandshakeFailed";

    /// <summary>The connection was not secured, or the protocol not agreed on, in the time allowed.</summary>
    public const string HandshakeTimeout = "HandshakeTimeout";

    /// <summary>The other side does not speak multistream-select as the specification has it.</summary>
    public const string NegotiationFailed = "NegotiationFailed";

    /// <summary>The other side offers neither Noise nor TLS, or not the one that is spoken here.</summary>
    public const string NoCommonSecurity = "NoCommonSecurity";

    /// <summary>The other side offers no yamux, the stream muxer spoken here; mplex alone, perhaps.</summary>
    public const string NoCommonMuxer = "NoCommonMuxer";

    /// <summary>The other side begins with what is encrypted already, as a peer of a private network does; or this host is in one, and the other side is not, or has another key.</summary>
    public const string PrivateNetwork = "PrivateNetwork";

    /// <summary>The other side refused every protocol that was proposed.</summary>
    public const string ProtocolNotSupported = "ProtocolNotSupported";

    /// <summary>No address of the peer could be connected to.</summary>
    public const string PeerUnreachable = "PeerUnreachable";

    /// <summary>A listen address is taken already.</summary>
    public const string AddressInUse = "AddressInUse";

    /// <summary>The system refused a listen address for another reason than that it is taken.</summary>
    public const string ListenFailed = "ListenFailed";

    /// <summary>The dialed peer is this host itself.</summary>
    public const string DialToSelf = "DialToSelf";

    /// <summary>A named limit was reached.</summary>
    public const string LimitExceeded = "LimitExceeded";

    /// <summary>The connection ended, from either side or below.</summary>
    public const string ConnectionClosed = "ConnectionClosed";

    /// <summary>A stream was reset, from either side.</summary>
    public const string StreamReset = "StreamReset";

    /// <summary>The other side did not answer a ping in the time allowed.</summary>
    public const string PingTimeout = "PingTimeout";

    /// <summary>The other side broke the rules of an established protocol.</summary>
    public const string ProtocolViolation = "ProtocolViolation";

    /// <summary>The host is stopped.</summary>
    public const string NodeStopped = "NodeStopped";

    /// <summary>The address names a transport that this host does not have.</summary>
    public const string UnsupportedAddress = "UnsupportedAddress";

    /// <summary>The peer that was dialled through a relay holds no reservation there, or is not connected to it.</summary>
    public const string RelayNoReservation = "RelayNoReservation";

    /// <summary>A relay has no room: for another connection, or for another reservation.</summary>
    public const string RelayResourceLimit = "RelayResourceLimit";

    /// <summary>A relay lets this host, or the peer that it dials, not use it.</summary>
    public const string RelayPermissionDenied = "RelayPermissionDenied";

    /// <summary>A relay did not get through to the peer behind it.</summary>
    public const string RelayConnectionFailed = "RelayConnectionFailed";

    /// <summary>Bytes that should be a key are none, or one of a kind or size that is refused.</summary>
    public const string InvalidKey = "InvalidKey";
}

/// <summary>Makes the errors of the host that are thrown in more than one place.</summary>
internal static class HostErrors
{
    public static Libp2pException Stopped() => new(Libp2pErrorIds.NodeStopped, "The host is stopped.");

    public static Libp2pException NotConnected(PeerId peer) => new(Libp2pErrorIds.ConnectionClosed, $"There is no connection with {peer}.");

    public static Libp2pException ToSelf(PeerId self) =>
        new(Libp2pErrorIds.DialToSelf, $"{self} is this host itself; there is nothing to connect to.");
}
