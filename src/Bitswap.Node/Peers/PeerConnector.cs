using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Node.Peers;

/// <summary>Connects to peers for all who need one: callers, kept peers, redials and provider searches. Each call ends once it is known whether the peer speaks Bitswap.</summary>
/// <param name="network">The network.</param>
/// <param name="links">The links to the peers that are connected.</param>
/// <param name="addresses">Remembers where peers were reached.</param>
/// <param name="negotiationTime">How long a connected peer may take to say whether it speaks Bitswap.</param>
/// <param name="clock">The clock of that.</param>
internal sealed class PeerConnector(IPeerNetwork network, PeerLinks links, AddressBook addresses, TimeSpan negotiationTime, TimeProvider clock)
{
    /// <summary>Gets the node's own id.</summary>
    public PeerId PeerId => network.PeerId;

    /// <summary>Connects to one peer by any of its addresses, and remembers them for a redial.</summary>
    /// <param name="peerAddresses">The peer's addresses.</param>
    /// <param name="terms">On what terms they are dialled, also when the peer is lost and dialled again; null where the caller answers for them.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="BitswapException">As <see cref="IPeerNetwork.ConnectAsync(IReadOnlyList{Multiaddr}, DialTerms, CancellationToken)"/> throws them.</exception>
    public async ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> peerAddresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        PeerId peer = await network.ConnectAsync(peerAddresses, terms, cancellationToken).ConfigureAwait(false);
        await MeetAsync(peer, cancellationToken).ConfigureAwait(false);
        addresses.Note(peer, peerAddresses, terms);
        return IsConnected(peer) ? peer : throw NodeErrors.PeerNotConnected(peer);
    }

    /// <summary>Connects to a peer for as long as the lease is held.</summary>
    /// <exception cref="BitswapException">As <see cref="IPeerNetwork.LeaseAsync"/> throws them.</exception>
    public async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> peerAddresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        ConnectionLease lease = await network.LeaseAsync(peer, peerAddresses, terms, cancellationToken).ConfigureAwait(false);
        try
        {
            await MeetAsync(peer, cancellationToken).ConfigureAwait(false);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lets the connection to a peer outlast a lookup or a probe.</summary>
    /// <returns>Whether it is connected and speaks Bitswap.</returns>
    public async ValueTask<bool> KeepAsync(PeerId peer, CancellationToken cancellationToken)
    {
        if (!await network.KeepAsync(peer).ConfigureAwait(false))
        {
            return false;
        }

        await MeetAsync(peer, cancellationToken).ConfigureAwait(false);
        return SpeaksBitswap(peer);
    }

    /// <summary>Lets the connection to a peer outlast the lease that the caller holds, where the peer speaks Bitswap.</summary>
    /// <returns>Whether it does.</returns>
    public async ValueTask<bool> KeepIfBitswapAsync(PeerId peer, CancellationToken cancellationToken)
    {
        await MeetAsync(peer, cancellationToken).ConfigureAwait(false);
        return SpeaksBitswap(peer) && await network.KeepAsync(peer).ConfigureAwait(false);
    }

    /// <summary>Closes the connections to a peer, which is dialled again only if it may return.</summary>
    public ValueTask DisconnectAsync(PeerId peer, string reason, bool mayReturn, CancellationToken cancellationToken)
    {
        if (!mayReturn)
        {
            addresses.Forget(peer);
        }

        return network.DisconnectAsync(peer, reason, cancellationToken);
    }

    /// <summary>Dials a lost peer.</summary>
    /// <returns>Null when it is there and speaks Bitswap, else what was met.</returns>
    public async ValueTask<RedialFailure?> RedialAsync(PeerId peer, CancellationToken cancellationToken)
    {
        RedialFailure? met = new(PeerAnswerKind.Unreachable, "no address of it is known any more", IsFinal: true);
        foreach (KnownAddresses known in addresses.Find(peer))
        {
            bool wasFinal = met.IsFinal;
            met = await RedialAsync(peer, known, cancellationToken).ConfigureAwait(false);
            if (met is not { Kind: PeerAnswerKind.Unreachable })
            {
                return met;
            }

            // A peer that may return at one of its addresses may return.
            met = met with { IsFinal = met.IsFinal && wasFinal };
        }

        return met;
    }

    /// <summary>Returns whether a peer is connected.</summary>
    public bool IsConnected(PeerId peer) => network.Connections.Any(connection => connection.Peer.Equals(peer));

    /// <summary>Returns whether the node has been told that a peer is connected.</summary>
    public bool IsLinked(PeerId peer) => links.Find(peer) is not null;

    /// <summary>Returns whether it is known that a peer speaks Bitswap.</summary>
    public bool SpeaksBitswap(PeerId peer) => links.Find(peer)?.Version is not null;

    private async ValueTask<RedialFailure?> RedialAsync(PeerId peer, KnownAddresses known, CancellationToken cancellationToken)
    {
        try
        {
            PeerId reached = await network.ConnectAsync(known.Addresses, known.Terms, cancellationToken).ConfigureAwait(false);
            await MeetAsync(reached, cancellationToken).ConfigureAwait(false);
            return SpeaksBitswap(peer) ? null
                : IsConnected(peer) ? new RedialFailure(PeerAnswerKind.NoBitswap, "it was reached, and speaks no Bitswap", IsFinal: true)
                : new RedialFailure(PeerAnswerKind.HungUp, "it was reached, and hung up again", IsFinal: false);
        }
        catch (BitswapException failure) when (failure.ErrorId != NodeErrorIds.NodeStopped)
        {
            return RedialFailure.Of(failure);
        }
    }

    private async ValueTask MeetAsync(PeerId peer, CancellationToken cancellationToken)
    {
        if (links.Find(peer) is { } link)
        {
            try
            {
                await link.Ready.WaitAsync(negotiationTime, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The peer is connected all the same; its snapshot says that its Bitswap version is not known.
            }
        }
    }
}
