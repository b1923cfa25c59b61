using Bitswap.Protocol.Actions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>How interests and wants end. Every interest ends with exactly one action.</summary>
internal sealed class WantEnding(ClientSide client)
{
    // Of those that cannot be asked; as many as a reader takes in.
    private const int MaxUnfitLines = 16;

    private EngineContext Context => client.Context;

    public void Refuse(long id, WantEndReason reason, string? detail = null)
    {
        Count(reason);
        Context.Actions.Enqueue(new WantEnded(id, reason, [], detail));
    }

    /// <summary>Answers a want for a block that follows from its CID: peers ignore identity CIDs in wantlists, and boxo never sends the block of zero bytes.</summary>
    public void AnswerKnown(WantRequest request, ReadOnlyMemory<byte> data)
    {
        Context.Counters.WantsSatisfied++;
        if (request.Type == WantType.Have)
        {
            Context.Actions.Enqueue(new HaveReceived(request.Id, null, TimeSpan.Zero));
        }
        else
        {
            Context.Actions.Enqueue(new BlockReceived([request.Id], new Block(request.Cid, data), null));
        }
    }

    public void TimedOut(Interest interest) => End(interest, WantEndReason.Timeout);

    /// <summary>Ends one interest; the last one takes the want with it.</summary>
    public void End(Interest interest, WantEndReason reason)
    {
        ClientWant want = interest.Want;
        Context.Actions.Enqueue(new WantEnded(interest.Id, reason, TableOf(interest)));
        Count(reason);
        Detach(interest);
        want.Interests.Remove(interest);
        AfterLoss(want);
    }

    public void EndAll(ClientWant want, WantEndReason reason, string? detail)
    {
        foreach (Interest interest in want.Interests)
        {
            Context.Actions.Enqueue(new WantEnded(interest.Id, reason, TableOf(interest), detail));
            Count(reason);
            Detach(interest);
        }

        want.Interests.Clear();
        AfterLoss(want);
    }

    /// <summary>The store does not have it: ends those that asked nobody else.</summary>
    public void EndLocalOnly(ClientWant want)
    {
        for (int i = want.Interests.Count - 1; i >= 0; i--)
        {
            if (want.Interests[i].LocalOnly)
            {
                End(want.Interests[i], WantEndReason.NotFound);
            }
        }
    }

    /// <summary>Somebody has the block: ends the interests that only asked that.</summary>
    public void SatisfyHaves(ClientWant want, PeerId? from, TimeSpan latency)
    {
        bool any = false;
        for (int i = 0; i < want.Interests.Count; i++)
        {
            Interest interest = want.Interests[i];
            if (interest.WantsBlock || !interest.IsAnsweredBy(from))
            {
                continue;
            }

            Context.Actions.Enqueue(new HaveReceived(interest.Id, from, latency));
            Context.Counters.WantsSatisfied++;
            Detach(interest);
            want.Interests.RemoveAt(i--);
            any = true;
        }

        if (any)
        {
            AfterLoss(want);
        }
    }

    /// <summary>The block is here and stored: ends everything, but for questions to other sources.</summary>
    public void Satisfy(ClientWant want, ReadOnlyMemory<byte> data, PeerId? from)
    {
        if (from is not null)
        {
            Context.Counters.WantLatency.Add(Context.Now - want.Created);
        }

        List<Interest> interests = want.Interests;
        if (interests.Count == 1 && interests[0].WantsBlock && interests[0].IsAnsweredBy(from))
        {
            Give(interests[0].Cid, [interests[0].Id], data, from);
            Detach(interests[0]);
            interests.Clear();
        }
        else
        {
            // Whoever named it by the same CID gets it in the same action.
            var byCid = new Dictionary<Cid, List<long>>();
            foreach (Interest interest in interests)
            {
                if (!interest.IsAnsweredBy(from))
                {
                    continue;
                }

                Detach(interest);
                if (!interest.WantsBlock)
                {
                    Context.Counters.WantsSatisfied++;
                    Context.Actions.Enqueue(new HaveReceived(interest.Id, interest.LocalOnly ? null : from, TimeSpan.Zero));
                    continue;
                }

                if (!byCid.TryGetValue(interest.Cid, out List<long>? ids))
                {
                    byCid.Add(interest.Cid, ids = []);
                }

                ids.Add(interest.Id);
            }

            foreach ((Cid cid, List<long> ids) in byCid)
            {
                Give(cid, ids, data, from);
            }

            interests.RemoveAll(interest => interest.IsAnsweredBy(from));
        }

        if (interests.Count == 0)
        {
            AfterLoss(want);
            return;
        }

        want.Weigh();
        want.StoreMissed = false;
        client.Placement.MakeFresh(want);
    }

    /// <summary>
    /// Which of the peers that the caller allows were asked and what each has said until now, those that are gone and those that could not be reached among
    /// them.
    /// </summary>
    public IReadOnlyList<PeerAnswer> TableOf(Interest interest)
    {
        ClientWant want = interest.Want;
        Session session = interest.Session;
        if (want.FirstAsk is null && interest.WantsBlock && want.PastAnswers.Count + client.Redials.Count + client.Unfit.Count == 0)
        {
            return [];
        }

        List<PeerAnswer> table = [.. want.PastAnswers.Where(answer => session.Allows(answer.Peer))];
        for (PeerWant? ask = want.FirstAsk; ask is not null; ask = ask.NextOfWant)
        {
            PeerId peer = ask.Link.Peer.Id;
            if (ask.FirstAsked != TimeSpan.MinValue && session.Allows(peer))
            {
                PeerAnswer said = ask.Describe(Context.Now);
                if (said.Kind == PeerAnswerKind.Waiting && table.Exists(earlier => earlier.Peer.Equals(peer) && earlier.Kind is PeerAnswerKind.HungUp or PeerAnswerKind.WeHungUp))
                {
                    // It is here again and has said nothing yet: that it hung up is the last that it did.
                    continue;
                }

                // What it said over a former connection is out of date.
                table.RemoveAll(earlier => earlier.Peer.Equals(peer));
                table.Add(said);
            }
        }

        if (!interest.WantsBlock)
        {
            table.AddRange(Context.PeerList
                .Where(peer => !peer.KnowsPresence && session.Allows(peer.Id) && !table.Exists(answer => answer.Peer.Equals(peer.Id)))
                .Select(peer => new PeerAnswer(peer.Id, Context.Now, PeerAnswerKind.CannotAsk, null)));
        }

        AddLost(table, session);
        table.AddRange(client.Unfit.Values.Where(unfit => session.Allows(unfit.Peer)).Take(MaxUnfitLines));
        return table;
    }

    private void AddLost(List<PeerAnswer> table, Session session)
    {
        foreach (LostPeer lost in client.Redials.MissedBy(session))
        {
            int line = table.FindIndex(answer => answer.Peer.Equals(lost.Id));
            if (line < 0)
            {
                table.Add(new PeerAnswer(lost.Id, lost.LostAt, lost.Failures > 0 ? lost.Kind : PeerAnswerKind.HungUp, null, lost.Failures > 0 ? lost.Detail : null));
            }
            else if (table[line].Kind is PeerAnswerKind.HungUp or PeerAnswerKind.WeHungUp && lost.Failures > 0)
            {
                string tries = $"dialled again {(lost.Failures == 1 ? "once" : $"{lost.Failures} times")}: {lost.Detail}";
                table[line] = table[line] with { Detail = table[line].Detail is { } why ? $"{why}; {tries}" : tries };
            }
        }
    }

    private void Give(Cid cid, IReadOnlyList<long> ids, ReadOnlyMemory<byte> data, PeerId? from)
    {
        Context.Counters.WantsSatisfied += ids.Count;
        Context.Actions.Enqueue(new BlockReceived(ids, new Block(cid, data), from));
    }

    private void Detach(Interest interest)
    {
        switch (interest.Want.State)
        {
            case WantState.Fresh:
                interest.Session.Fresh.NoteStale();
                break;
            case WantState.AwaitingBroadcast:
                interest.Session.AwaitingBroadcast.NoteStale();
                break;
        }

        Context.Timers.Remove(interest);
        client.Interests.Remove(interest.Id);
        client.Sessions.Leave(interest.Session);
    }

    private void AfterLoss(ClientWant want)
    {
        if (want.Interests.Count > 0)
        {
            want.Weigh();
            client.Placement.InterestLeft(want);
            return;
        }

        // A block that is being stored stays until the store has answered; nobody else is to be told anything.
        if (want.State != WantState.Storing)
        {
            Remove(want);
        }
    }

    /// <summary>Takes a want out of everything and withdraws it from those that were asked.</summary>
    public void Remove(ClientWant want)
    {
        client.Placement.Withdraw(want);
        want.State = WantState.Ended;
        client.Wants.Remove(want.Hash);
    }

    private void Count(WantEndReason reason)
    {
        switch (reason)
        {
            case WantEndReason.NotFound:
                Context.Counters.WantsNotFound++;
                break;
            case WantEndReason.Timeout:
                Context.Counters.WantsTimedOut++;
                break;
        }
    }
}
