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
        if (!Context.Options.FailFastWithoutPeers)
        {
            return;
        }

        if (Context.Options.ProviderSearch && Context.PeerList.Count == 0 && !want.Exclusive && !want.Searched)
        {
            client.Searches.Request(want);
            return;
        }

        EndHopeless(want);
    }

    /// <summary>A peer said no, and the want goes on: but perhaps not for those that may ask few.</summary>
    public void AfterNo(ClientWant want)
    {
        if (want.Interests.Count > 1 && want.State is WantState.Active or WantState.AwaitingBroadcast)
        {
            EndHopeless(want);
        }
    }

    /// <summary>Ends the fail-fast interests of which every source has said no, or nothing for too long.</summary>
    public void EndHopeless(ClientWant want)
    {
        if (want.Searching)
        {
            return;
        }

        TimeSpan wait = TimeSpan.MaxValue;
        for (int i = want.Interests.Count - 1; i >= 0; i--)
        {
            // Ending one may end others, too, when the want moves on.
            if (i >= want.Interests.Count || !want.Interests[i].FailFast)
            {
                continue;
            }

            TimeSpan? hopeless = HopelessFrom(want, want.Interests[i]);
            if (hopeless <= Context.Now)
            {
                client.Ending.End(want.Interests[i], WantEndReason.NotFound);
            }
            else if (hopeless < wait)
            {
                wait = hopeless.Value;
            }
        }

        if (wait < TimeSpan.MaxValue && want.State is not (WantState.Ended or WantState.Storing))
        {
            Context.Timers.Schedule(want, wait);
        }
    }

    /// <summary>When the last source of an interest counts as a no; null while one may still say yes.</summary>
    private TimeSpan? HopelessFrom(ClientWant want, Interest interest)
    {
        bool any = false;
        TimeSpan from = TimeSpan.MinValue;
        foreach (Peer peer in Context.PeerList)
        {
            if (!interest.Session.Allows(peer.Id))
            {
                continue;
            }

            any = true;
            if (!peer.Link.Asks.TryGetValue(want.Hash, out PeerWant? ask))
            {
                if (peer.KnowsPresence || interest.WantsBlock)
                {
                    return null;
                }

                continue;
            }

            if (ask.IsOpen || ask.IsPromising)
            {
                return null;
            }

            if (ask.Answer == AskAnswer.Simulated)
            {
                TimeSpan heard = ask.SentAt > peer.Link.LastProgress ? ask.SentAt : peer.Link.LastProgress;
                TimeSpan final = heard + Context.Options.SilenceLimit;
                from = final > from ? final : from;
            }
        }

        return any || Context.Options.FailFastWithoutPeers ? from : null;
    }
}
