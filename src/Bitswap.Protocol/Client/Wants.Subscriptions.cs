using Bitswap.Multiformats;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <content>How callers come and go: what happens to a want when a subscription is added to it or taken from it.</content>
internal sealed partial class Wants
{
    /// <summary>Adds a caller's want: to one that is there, or as a new one, for which the store is asked first.</summary>
    public void Add(WantRequest request)
    {
        if (_subscriptions.ContainsKey(request.Id))
        {
            throw new ArgumentException($"A want with id {request.Id} is open.", nameof(request));
        }

        if (request is { LocalOnly: true, SkipStore: true })
        {
            throw new ArgumentException("A want cannot skip the store and ask no peer.", nameof(request));
        }

        if (_subscriptions.Count >= _context.Options.MaxWants)
        {
            Refuse(request.Id, WantEndReason.TooManyWants);
            return;
        }

        if (BlockRule.Check(request.Cid) is { } refusal)
        {
            Refuse(request.Id, WantEndReason.Refused, refusal.Message);
            return;
        }

        if (KnownBlock.TryGet(request.Cid.Hash, out ReadOnlyMemory<byte> known))
        {
            AnswerKnown(request, known);
            return;
        }

        bool isNew = !_wants.TryGetValue(request.Cid.Hash, out ClientWant? want);
        if (want is null)
        {
            want = new ClientWant(request.Cid, ++_lastSequence, _context.Now);
            _wants.Add(want.Hash, want);
        }
        else if (request.LocalOnly && want.StoreMissed && want.State is not (WantState.Looking or WantState.Storing))
        {
            // The store was found not to have it, and whatever is added to the store ends the want.
            Refuse(request.Id, WantEndReason.NotFound);
            return;
        }

        var subscription = new WantSubscription(request, want, _sessions.Join(request), _context.Now);
        _subscriptions.Add(request.Id, subscription);
        want.Add(subscription);
        if (request.Deadline is { } deadline)
        {
            _timeouts.ArmDeadline(subscription, deadline);
        }

        if (isNew && request.SkipStore)
        {
            AwaitPeer(want);
        }
        else if (isNew || (!request.SkipStore && !want.StoreMissed && want.State is not (WantState.Looking or WantState.Storing)))
        {
            // A caller that skipped the store is asked for again when it has answered.
            Withdraw(want);
            want.LookUp();
            Lookup.Add(want);
        }
        else
        {
            Joined(subscription);
        }
    }

    /// <summary>Ends a caller's want. An id that is not open is ignored.</summary>
    public void Cancel(long id)
    {
        if (_subscriptions.TryGetValue(id, out WantSubscription? subscription))
        {
            End(subscription, WantEndReason.Cancelled);
        }
    }

    /// <summary>Ends every caller's want of a multihash.</summary>
    public void Cancel(in Multihash hash)
    {
        if (_wants.TryGetValue(hash, out ClientWant? want))
        {
            EndAll(want, WantEndReason.Cancelled, null);
        }
    }

    private void Joined(WantSubscription subscription)
    {
        ClientWant want = subscription.Want;
        Session session = subscription.Session;
        switch (want.State)
        {
            case WantState.Fresh:
                Scheduler.EnqueueIn(session, want);
                want.AllowSearch();
                NoPeerYet(want);
                break;
            case WantState.Active:
            case WantState.AwaitingBroadcast:
                if (subscription is { WantsBlock: false, Session.OnlyPeers: not null } && AnsweredOrAsked(want, session))
                {
                    break;
                }

                Scheduler.Advance(want);
                EndIfHopeless(want);
                break;
            case WantState.Parked:
                // What peers said may be long ago: they are asked anew.
                Withdraw(want);
                want.ForgetSearch();
                AwaitPeer(want);
                break;
        }
    }

    /// <summary>
    /// Puts a question to the peers that it is for, since what others are asked for, and send, does not answer it. True when one of them had said HAVE.
    /// </summary>
    private bool AnsweredOrAsked(ClientWant want, Session session)
    {
        for (PeerRequest? request = want.FirstRequest; request is not null; request = request.NextOfWant)
        {
            if (request.Answer == RequestAnswer.Have && session.Allows(request.Peer.Id))
            {
                SatisfyHaves(want, request.Peer.Id, TimeSpan.Zero);
                return true;
            }
        }

        Scheduler.AskAllowed(want, session);
        return false;
    }

    /// <summary>Goes on without a subscription, or ends the want with the last.</summary>
    private void SubscriptionLeft(ClientWant want)
    {
        if (want.Subscriptions.Count == 0)
        {
            // A block that is being stored stays until the store has answered; no peer is to be told anything.
            if (want.State != WantState.Storing)
            {
                Withdraw(want);
                want.End();
                _wants.Remove(want.Hash);
            }

            return;
        }

        want.Weigh();
        if (want.Exclusive)
        {
            ReleaseNotAllowed(want);
        }

        if (want.State == WantState.AwaitingBroadcast && !want.HasSubscriptionIn(want.AwaitingIn!))
        {
            want.Activate();
        }

        Scheduler.Advance(want);
    }

    /// <summary>Ends the requests at peers that only the lost subscription let know: they are told that it is over.</summary>
    private void ReleaseNotAllowed(ClientWant want)
    {
        PeerRequest? next;
        for (PeerRequest? request = want.FirstRequest; request is not null; request = next)
        {
            next = request.NextOfWant;
            if (!want.MayAsk(request.Peer.Id))
            {
                _requests.Release(request, withdraw: true);
            }
        }
    }

    private void Detach(WantSubscription subscription)
    {
        switch (subscription.Want.State)
        {
            case WantState.Fresh:
                subscription.Session.Fresh.NoteStale();
                break;
            case WantState.AwaitingBroadcast:
                subscription.Session.AwaitingBroadcast.NoteStale();
                break;
        }

        _timeouts.Disarm(subscription);
        _subscriptions.Remove(subscription.Id);
        _sessions.Leave(subscription.Session);
    }

    private void Refuse(long id, WantEndReason reason, string? detail = null)
    {
        Count(reason);
        _context.Actions.Enqueue(new WantEnded(id, reason, [], detail));
    }

    /// <summary>Answers a want for a block that follows from its CID: peers ignore identity CIDs in wantlists, and boxo never sends the block of zero bytes.</summary>
    private void AnswerKnown(WantRequest request, ReadOnlyMemory<byte> data)
    {
        _context.Counters.WantsSatisfied++;
        if (request.Type == WantType.Have)
        {
            _context.Actions.Enqueue(new HaveReceived(request.Id, null, TimeSpan.Zero));
        }
        else
        {
            _context.Actions.Enqueue(new BlockReceived([request.Id], new Block(request.Cid, data), null));
        }
    }
}
