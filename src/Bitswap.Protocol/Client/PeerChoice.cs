using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Which peer is asked next: random among those that may have the block, the likelier and less busy ones more often.</summary>
internal sealed class PeerChoice(ClientSide client)
{
    /// <summary>Fills up the peers of a session after peers came or went.</summary>
    public void Refresh(Session session)
    {
        EngineContext context = client.Context;
        if (session.PeersAsOf == context.PeerEpoch)
        {
            return;
        }

        session.PeersAsOf = context.PeerEpoch;
        int most = context.Options.MaxSessionPeers;
        if (session.Peers.Count >= most)
        {
            return;
        }

        var others = new List<PeerLink>();
        foreach (Peer peer in context.PeerList)
        {
            if (session.Allows(peer.Id) && !session.Pruned.Contains(peer.Id) && session.Find(peer.Link) is null)
            {
                others.Add(peer.Link);
            }
        }

        while (session.Peers.Count < most && others.Count > 0)
        {
            double total = 0;
            foreach (PeerLink link in others)
            {
                total += link.FirstResponses + 1;
            }

            double at = context.Random.NextDouble() * total;
            int chosen = 0;
            while (chosen < others.Count - 1 && (at -= others[chosen].FirstResponses + 1) >= 0)
            {
                chosen++;
            }

            session.Peers.Add(new SessionPeer(others[chosen]));
            others.RemoveAt(chosen);
        }
    }

    /// <summary>A peer of the session with room for one more; null when there is none. <paramref name="possible"/>: how many could be asked if they had room.</summary>
    public SessionPeer? ForFresh(Session session, ClientWant want, out int possible)
    {
        possible = 0;
        List<SessionPeer> peers = session.Peers;
        foreach (SessionPeer peer in peers)
        {
            if (CouldAsk(want, peer.Link))
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
            if (!CouldAsk(want, peer.Link) || !peer.Link.HasRoom(others))
            {
                continue;
            }

            if (!others)
            {
                return peer;
            }

            // Reservoir sampling: one pass, no list.
            double weight = peer.Weight / (1 + peer.Link.BlocksAsked);
            total += weight;
            if (client.Context.Random.NextDouble() * total < weight)
            {
                chosen = peer;
            }
        }

        return chosen;
    }

    /// <summary>Whom to ask for the block of a want that was asked for before, room or not; null when nobody is likely to have it.</summary>
    public PeerLink? ForBlock(ClientWant want)
    {
        PeerLink? chosen = null;
        double total = 0;
        for (PeerWant? ask = want.FirstAsk; ask is not null; ask = ask.NextOfWant)
        {
            if (ask.IsPromising)
            {
                Consider(ask.Link, ask.Link.FirstResponses + 1.0, ref chosen, ref total);
            }
        }

        if (chosen is not null || (want.IsProbed && want.OpenAsks > 0))
        {
            return chosen;
        }

        for (int i = 0; i < want.Interests.Count; i++)
        {
            Session session = want.Interests[i].Session;
            if (i > 0 && session == want.Interests[i - 1].Session)
            {
                continue;
            }

            Refresh(session);
            foreach (SessionPeer peer in session.Peers)
            {
                if (!peer.IsUnlikely && CouldAsk(want, peer.Link))
                {
                    Consider(peer.Link, peer.Weight, ref chosen, ref total);
                }
            }
        }

        return chosen;
    }

    private void Consider(PeerLink link, double weight, ref PeerLink? chosen, ref double total)
    {
        weight /= 1 + link.BlocksAsked;
        total += weight;
        if (client.Context.Random.NextDouble() * total < weight)
        {
            chosen = link;
        }
    }

    /// <summary>Whether the peer may have the block for all that is known.</summary>
    public static bool CouldAsk(ClientWant want, PeerLink link) =>
        want.AskCount == 0 || !link.Asks.TryGetValue(want.Hash, out PeerWant? ask) || ask.IsPromising || ask.Answer == AskAnswer.None;
}
