using System.Net;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Upgrade;

/// <summary>A connection that is secured and has its muxer, not admitted yet.</summary>
internal sealed record UpgradedConnection(
    SecureChannel Channel,
    YamuxSession Session,
    PublicKey RemoteKey,
    IPEndPoint LocalEndPoint,
    IPEndPoint RemoteEndPoint,
    ConnectionDirection Direction) : IAsyncDisposable
{
    /// <summary>The peer that proved itself.</summary>
    public PeerId RemotePeer { get; } = RemoteKey.PeerId;

    /// <summary>Says goodbye and closes it.</summary>
    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
