using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Node.Names;
using Bitswap.Node.Routing;

namespace Bitswap.Node;

/// <content>Finding providers.</content>
public sealed partial class NodeHost
{
    /// <summary>Gets the sources of providers.</summary>
    internal NodeRouting Routing { get; }

    /// <summary>Gets what finds out what names stand for.</summary>
    internal NameResolver Names { get; }

    /// <summary>Connects to a peer for as long as the lease is held, and waits until it is known whether it speaks Bitswap.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="addresses">Where it can be dialled, where it is not connected.</param>
    /// <param name="terms">On what terms; null where the caller answers for the addresses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c> and the other errors of a dial; <c>NodeStopped</c>.</exception>
    internal async ValueTask<ConnectionLease> LeaseAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        EnsureRunning();
        ConnectionLease lease = await _connector.LeaseAsync(peer, addresses, terms, cancellationToken).ConfigureAwait(false);
        try
        {
            if (_keeper.Keeps(peer))
            {
                await _network.KeepAsync(peer).ConfigureAwait(false);
            }

            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Returns the report of the node's last search for providers of a block; null when there was none, or it is forgotten.</summary>
    internal SearchReport? SearchReportOf(Cid cid) => _search.ReportOf(cid);

    /// <summary>Tells what a want waits for, in words that follow a colon: how far the search for providers is, or how many peers could send the block.</summary>
    internal string WaitOf(NodeWant want)
    {
        IReadOnlyList<PeerId>? only = want.Options.OnlyPeers;
        if (only is null && SearchReportOf(want.Cid)?.Progress() is { } search)
        {
            return search;
        }

        int peers = ConnectedPeers.Count(peer => only?.Contains(peer) != false);
        string whose = only is null ? "" : " of those to ask";
        return peers switch
        {
            0 => $"no peer{whose} is connected",
            1 => $"waiting for 1 connected peer{whose}",
            _ => $"waiting for {peers} connected peers{whose}",
        };
    }

    /// <summary>Returns whether a peer is connected.</summary>
    internal bool IsConnected(PeerId peer) => Connections.Any(connection => connection.Peer.Equals(peer));

    /// <summary>Returns whether it is known that a peer speaks Bitswap.</summary>
    internal bool SpeaksBitswap(PeerId peer) => _connector.SpeaksBitswap(peer);
}
