using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Connections;

/// <content>The counts of streams.</content>
internal sealed partial class ConnectionTable
{
    /// <summary>Counts a stream that the other side opened.</summary>
    /// <returns>Why it is refused, or null.</returns>
    public string? TryEnterInbound(Libp2pConnection connection)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(connection.RemotePeer, out PeerConnections? peer))
            {
                return "the connection is closing";
            }
            if (connection.InboundStreams >= _options.MaxInboundStreamsPerConnection)
            {
                return $"{nameof(Libp2pOptions.MaxInboundStreamsPerConnection)} ({_options.MaxInboundStreamsPerConnection}) is reached";
            }
            if (peer.All.Sum(c => c.InboundStreams) >= _options.MaxInboundStreamsPerPeer)
            {
                return $"{nameof(Libp2pOptions.MaxInboundStreamsPerPeer)} ({_options.MaxInboundStreamsPerPeer}) is reached";
            }
            connection.CountStream(ConnectionDirection.Inbound, 1);
            return null;
        }
    }

    /// <summary>Counts the stream against what its protocol allows one peer over all its connections.</summary>
    public bool TryEnterProtocol(Libp2pConnection connection, string protocol, int max)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(connection.RemotePeer, out PeerConnections? peer)
                || peer.All.Sum(c => c.LimitedStreams.GetValueOrDefault(protocol)) >= max)
            {
                return false;
            }
            connection.LimitedStreams[protocol] = connection.LimitedStreams.GetValueOrDefault(protocol) + 1;
            return true;
        }
    }

    /// <summary>Takes back what <see cref="TryEnterInbound"/> and, with a protocol, <see cref="TryEnterProtocol"/> counted.</summary>
    public void LeaveInbound(Libp2pConnection connection, string? limitedProtocol)
    {
        lock (_gate)
        {
            connection.CountStream(ConnectionDirection.Inbound, -1);
            if (limitedProtocol is not null)
            {
                connection.LimitedStreams[limitedProtocol]--;
            }
        }
    }

    /// <summary>Counts a stream of our own.</summary>
    public bool TryEnterOutbound(Libp2pConnection connection)
    {
        lock (_gate)
        {
            if (connection.OutboundStreams >= _options.MaxOutboundStreamsPerConnection)
            {
                return false;
            }
            connection.CountStream(ConnectionDirection.Outbound, 1);
            return true;
        }
    }

    /// <summary>Takes back what <see cref="TryEnterOutbound"/> counted.</summary>
    public void LeaveOutbound(Libp2pConnection connection)
    {
        lock (_gate)
        {
            connection.CountStream(ConnectionDirection.Outbound, -1);
        }
    }
}
