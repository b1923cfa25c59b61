using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Chooses which peer is asked next: at random among those that may have the block, the likelier and less busy ones more often.</summary>
internal sealed class PeerSelector(EngineContext context, RequestTable requests)
{
    /// <summary>Fills up the peers of a session after peers came or went.</summary>
    public void Refresh(Session session)
    {
        if (!session.TryRefresh(requests.PeerEpoch))
        {
            return;
        }

        int max = context.Options.MaxSessionPeers;
        if (session.Peers.Count >= max)
        {
            return;
        }

        var others = new List<PeerRequests>();
        foreach (PeerRequests peer in requests.Peers)
        {
            if (session.Allows(peer.Id) && !session.Pruned.Contains(peer.Id) && session.Find(peer) is null)
            {
                others.Add(peer);
            }
        }

        while (session.Peers.Count < max && others.Count > 0)
        {
            double total = 0;
            foreach (PeerRequests peer in others)
            {
                total += peer.Performance.Weight;
            }

            double at = context.Random.NextDouble() * total;
            int chosen = 0;
            while (chosen < others.Count - 1 && (at -= others[chosen].Performance.Weight) >= 0)
            {
                chosen++;
            }

            session.Peers.Add(new SessionPeer(others[chosen]));
            others.RemoveAt(chosen);
        }
    }

    /// <summary>Returns a peer of the session with room for one more; null when there is none. <paramref name="possible"/>: how many could be asked if they had room.</summary>
    public SessionPeer? ForFresh(Session session, ClientWant want, out int possible)
    {
        possible = 0;
        List<SessionPeer> peers = session.Peers;
        foreach (SessionPeer peer in peers)
        {
            if (CouldAsk(want, peer.Requests))
            {
                possible++;
            }
        }

        if (possible == 0)
        {
            return null;
        }

        bool others = possible > 1;
        double total = 0;
        SessionPeer? chosen = null;
        foreach (SessionPeer peer in peers)
        {
            if (!CouldAsk(want, peer.Requests) || !peer.Requests.HasRoom(others))
            {
                continue;
            }

            if (!others)
            {
                return peer;
            }

            // Reservoir sampling: one pass, no list.
            double weight = peer.Weight / (1 + peer.Requests.BlocksRequested);
            total += weight;
            if (context.Random.NextDouble() * total < weight)
            {
                chosen = peer;
            }
        }

        return chosen;
    }

    /// <summary>Returns whom to ask for the block of a want that was asked for before, room or not; null when no peer is likely to have it.</summary>
    public PeerRequests? ForBlock(ClientWant want)
    {
        PeerRequests? chosen = null;
        double total = 0;
        for (PeerRequest? request = want.FirstRequest; request is not null; request = request.NextOfWant)
        {
            if (request.IsPromising && request.Peer.Performance.KeepsWord)
            {
                Consider(request.Peer, request.Peer.Performance.Weight, ref chosen, ref total);
            }
        }

        if (chosen is not null || (want.IsProbed && want.OpenRequests > 0))
        {
            return chosen;
        }

        for (int i = 0; i < want.Subscriptions.Count; i++)
        {
            Session session = want.Subscriptions[i].Session;
            if (i > 0 && session == want.Subscriptions[i - 1].Session)
            {
                continue;
            }

            Refresh(session);
            foreach (SessionPeer peer in session.Peers)
            {
                if (!peer.IsUnlikely && CouldAsk(want, peer.Requests))
                {
                    Consider(peer.Requests, peer.Weight, ref chosen, ref total);
                }
            }
        }

        for (PeerRequest? request = chosen is null ? want.FirstRequest : null; request is not null; request = request.NextOfWant)
        {
            if (request.IsPromising)
            {
                Consider(request.Peer, request.Peer.Performance.Weight, ref chosen, ref total);
            }
        }

        return chosen;
    }

    /// <summary>Returns whether the peer may have the block for all that is known.</summary>
    public static bool CouldAsk(ClientWant want, PeerRequests peer) =>
        want.RequestCount == 0 || !peer.ByHash.TryGetValue(want.Hash, out PeerRequest? request) || request.IsPromising || request.Answer == RequestAnswer.None;

    private void Consider(PeerRequests peer, double weight, ref PeerRequests? chosen, ref double total)
    {
        weight /= 1 + peer.BlocksRequested;
        total += weight;
        if (context.Random.NextDouble() * total < weight)
        {
            chosen = peer;
        }
    }
}
