using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>What becomes of a want when all that may be asked have said no.</summary>
internal sealed class Exhaustion(ClientSide client)
{
    private EngineContext Context => client.Context;

    public void NobodyLeft(ClientWant want)
    {
        if (!client.Placement.AnyPeerFor(want))
        {
            client.Placement.MakeFresh(want);
            return;
        }

        client.Placement.Park(want);
        SeekLost(want);
        if (Context.Options.ProviderSearch && !want.Exclusive && !want.Searched)
        {
            client.Searches.Request(want);
            return;
        }

        EndHopeless(want);
    }

    /// <summary>A want is to wait for a peer. Where nobody is on the way, one is searched for at once, or a fail-fast one ends.</summary>
    public void WithoutPeers(ClientWant want)
    {
        if (!client.Placement.AnyPeerFor(want))
        {
            SeekLost(want);
        }

        if (!Context.Options.FailFastWithoutPeers && client.Unfit.Count == 0)
        {
            return;
        }

        if (Context.Options is { ProviderSearch: true, FailFastWithoutPeers: true } && Context.PeerList.Count == 0 && !want.Exclusive && !want.Searched)
        {
            client.Searches.Request(want);
            return;
        }

        EndHopeless(want);
    }

    /// <summary>A peer said no: a parked want may have waited for that one, and one that goes on may do so without those that may ask few.</summary>
    public void AfterNo(ClientWant want)
    {
        if (want.State == WantState.Parked || (want.Interests.Count > 1 && want.State is WantState.Active or WantState.AwaitingBroadcast))
        {
            EndHopeless(want);
        }
    }

    /// <summary>A peer that was waited for could not be reached.</summary>
    public void LessHope()
    {
        foreach (ClientWant want in client.Wants.Values.Where(static want => want.State is WantState.Parked or WantState.Fresh).ToArray())
        {
            if (want.State is WantState.Parked or WantState.Fresh)
            {
                EndHopeless(want);
            }
        }
    }

    private void SeekLost(ClientWant want)
    {
        if (client.Redials.Count > 0)
        {
            foreach (Interest interest in want.Interests)
            {
                client.Redials.Seek(interest.Session);
            }
        }
    }

    /// <summary>
    /// Ends the fail-fast interests of which every source has said no. Silence is not a no: whoever has said nothing, or HAVE, may yet send the block, so only
    /// the caller's own time ends the wait for it.
    /// </summary>
    public void EndHopeless(ClientWant want)
    {
        if (want.Searching)
        {
            return;
        }

        for (int i = want.Interests.Count - 1; i >= 0; i--)
        {
            // Ending one may end others, too, when the want moves on.
            if (i < want.Interests.Count && want.Interests[i].FailFast && IsHopeless(want, want.Interests[i]))
            {
                client.Ending.End(want.Interests[i], WantEndReason.NotFound);
            }
        }
    }

    /// <summary>Whether every peer that may be asked has said no, or cannot be asked.</summary>
    private bool IsHopeless(ClientWant want, Interest interest)
    {
        bool any = false;
        foreach (Peer peer in Context.PeerList)
        {
            if (!interest.Session.Allows(peer.Id))
            {
                continue;
            }

            any = true;
            bool asked = peer.Link.Asks.TryGetValue(want.Hash, out PeerWant? ask);
            bool canBeAsked = peer.KnowsPresence || interest.WantsBlock;
            if (asked ? ask!.IsOpen || ask.Answer != AskAnswer.DontHave : canBeAsked)
            {
                return false;
            }
        }

        any |= interest.Session.OnlyPeers is not null && client.Unfit.Keys.Any(interest.Session.Allows);
        return (any || Context.Options.FailFastWithoutPeers) && !client.Redials.MayReturnFor(interest);
    }
}
