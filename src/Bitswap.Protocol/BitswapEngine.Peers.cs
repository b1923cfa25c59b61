using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol;

/// <content>What becomes of connections.</content>
public sealed partial class BitswapEngine
{
    /// <summary>Adds a peer that connected and speaks Bitswap. Said of one that is connected already, it only corrects its version.</summary>
    public void PeerConnected(PeerId peer, BitswapVersion version, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _context.MoveTo(now);
        _client.Policy.RemoveUnfit(peer);
        if (_peers.TryGetValue(peer, out ConnectedPeer? known))
        {
            known.Peer.Version = version;
            return;
        }

        var added = new Peer(peer, version, _server.Ledgers.Open(peer));
        PeerQueue queue = _server.PeerConnected(added);
        var connected = new ConnectedPeer(added, _client.Requests.Connect(added), queue);
        _peers.Add(peer, connected);
        _peerList.Add(connected);
        _client.PeerConnected(connected.Requests);
    }

    /// <summary>
    /// Removes a peer that is gone: everything about it but its ledger is forgotten, and nothing more of its messages is reported. Said of one that is not connected, it is
    /// ignored.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="now">The time.</param>
    /// <param name="loss">How it went, and whether it may be asked for with <see cref="ConnectPeer"/>; null where nothing is known, so that it is not.</param>
    public void PeerDisconnected(PeerId peer, TimeSpan now, PeerLoss? loss = null)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _context.MoveTo(now);
        _client.Policy.RemoveUnfit(peer);
        if (!_peers.Remove(peer, out ConnectedPeer? gone))
        {
            return;
        }

        gone.Peer.Disconnect();
        _peerList.Remove(gone);
        _client.PeerDisconnected(gone.Requests, loss ?? PeerLoss.ForGood);
        _server.PeerDisconnected(gone.Queue);
    }

    /// <summary>Notes that a peer is connected and cannot be asked, until <see cref="PeerConnected"/> or <see cref="PeerDisconnected"/> says otherwise. For reports.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="kind">Why, such as <see cref="PeerAnswerKind.NoBitswap"/>.</param>
    /// <param name="detail">The same in words.</param>
    /// <param name="now">The time.</param>
    public void PeerUnfit(PeerId peer, PeerAnswerKind kind, string detail, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(detail);
        _context.MoveTo(now);
        if (!_peers.ContainsKey(peer))
        {
            _client.PeerUnfit(new PeerAnswer(peer, _context.Now, kind, null, detail));
        }
    }

    /// <summary>Notes that a <see cref="ConnectPeer"/> did not lead to a peer that can be asked. For one that is over it is ignored.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="kind">What was met, such as <see cref="PeerAnswerKind.Unreachable"/>.</param>
    /// <param name="detail">The same in words.</param>
    /// <param name="isFinal">Whether another try would meet the same.</param>
    /// <param name="now">The time.</param>
    public void ConnectFailed(long requestId, PeerId peer, PeerAnswerKind kind, string detail, bool isFinal, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(detail);
        _context.MoveTo(now);
        _client.ConnectFailed(requestId, peer, kind, detail, isFinal);
    }

    /// <summary>Takes a round trip to a peer that was measured (ping).</summary>
    public void PeerLatency(PeerId peer, TimeSpan roundTrip, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _context.MoveTo(now);
        if (_peers.TryGetValue(peer, out ConnectedPeer? known))
        {
            known.Requests.Performance.Pinged(roundTrip);
        }
    }

    /// <summary>
    /// Notes that bytes of a message that is not complete came from a peer: it is not silent, though it has answered nothing. To be called now and then while a
    /// large block arrives over a slow line, so that its want is not given up.
    /// </summary>
    public void PeerActivity(PeerId peer, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _context.MoveTo(now);
        if (_peers.TryGetValue(peer, out ConnectedPeer? known))
        {
            known.Requests.WasHeard();
        }
    }

    /// <summary>
    /// Notes that a stream of a connected peer ended before what it carried was whole, or what it carried cannot be read: what was asked of the peer and has not come is asked
    /// again.
    /// </summary>
    /// <param name="peer">The peer. One that is not connected is ignored.</param>
    /// <param name="how"><see cref="PeerAnswerKind.Reset"/>, <see cref="PeerAnswerKind.TooBig"/> or <see cref="PeerAnswerKind.Malformed"/>.</param>
    /// <param name="now">The time.</param>
    public void StreamBroke(PeerId peer, PeerAnswerKind how, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _context.MoveTo(now);
        if (_peers.TryGetValue(peer, out ConnectedPeer? known))
        {
            _client.Answers.StreamBroke(known.Requests, how);
        }
    }
}
