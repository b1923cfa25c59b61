using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Connections;

/// <summary>A connection that is secured and has its muxer, not admitted yet.</summary>
/// <param name="Channel">The secured connection.</param>
/// <param name="Session">Its muxer.</param>
/// <param name="RemoteKey">The key that the other side proved.</param>
/// <param name="LocalEndPoint">This side's socket.</param>
/// <param name="RemoteEndPoint">The other side's socket.</param>
/// <param name="Direction">Who dialed.</param>
/// <param name="Over">What stands behind the TCP port in its addresses, such as <c>/ws</c>; null for plain TCP.</param>
internal sealed record UpgradedConnection(
    SecureChannel Channel,
    YamuxSession Session,
    PublicKey RemoteKey,
    IPEndPoint LocalEndPoint,
    IPEndPoint RemoteEndPoint,
    ConnectionDirection Direction,
    Multiaddr? Over) : IAsyncDisposable
{
    /// <summary>The peer that proved itself.</summary>
    public PeerId RemotePeer { get; } = RemoteKey.PeerId;

    /// <summary>Says goodbye and closes it.</summary>
    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
