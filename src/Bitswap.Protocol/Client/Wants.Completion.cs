using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <content>How wants end: every subscription ends with exactly one action, and the last takes the want with it.</content>
internal sealed partial class Wants
{
    /// <summary>Ends one subscription without what it wanted.</summary>
    public void End(WantSubscription subscription, WantEndReason reason)
    {
        ClientWant want = subscription.Want;
        _context.Actions.Enqueue(new WantEnded(subscription.Id, reason, _report.Of(subscription)));
        Count(reason);
        Detach(subscription);
        want.Subscriptions.Remove(subscription);
        SubscriptionLeft(want);
    }

    private void EndAll(ClientWant want, WantEndReason reason, string? detail)
    {
        foreach (WantSubscription subscription in want.Subscriptions)
        {
            _context.Actions.Enqueue(new WantEnded(subscription.Id, reason, _report.Of(subscription), detail));
            Count(reason);
            Detach(subscription);
        }

        want.Subscriptions.Clear();
        SubscriptionLeft(want);
    }

    /// <summary>Ends those that asked the store alone, which does not have it.</summary>
    private void EndLocalOnly(ClientWant want)
    {
        for (int i = want.Subscriptions.Count - 1; i >= 0; i--)
        {
            if (want.Subscriptions[i].LocalOnly)
            {
                End(want.Subscriptions[i], WantEndReason.NotFound);
            }
        }
    }

    /// <summary>A peer said no: a parked want may have waited for that one, and one that goes on may do so without those that may ask few.</summary>
    private void EndIfHopeless(ClientWant want)
    {
        if (want.State == WantState.Parked || (want.Subscriptions.Count > 1 && want.State is WantState.Active or WantState.AwaitingBroadcast))
        {
            EndHopeless(want);
        }
    }

    /// <summary>
    /// Ends the fail-fast subscriptions of which every source has said no. Silence is not a no: a peer that has said nothing, or HAVE, may yet send the block, so only
    /// the caller's own time ends the wait for it.
    /// </summary>
    private void EndHopeless(ClientWant want)
    {
        if (want.Searching)
        {
            return;
        }

        for (int i = want.Subscriptions.Count - 1; i >= 0; i--)
        {
            // Ending one may end others, too, when the want moves on.
            if (i < want.Subscriptions.Count && want.Subscriptions[i].FailFast && _policy.IsHopeless(want.Subscriptions[i]))
            {
                End(want.Subscriptions[i], WantEndReason.NotFound);
            }
        }
    }

    /// <summary>Ends the subscriptions that only asked who has the block: a peer does.</summary>
    private void SatisfyHaves(ClientWant want, PeerId? from, TimeSpan latency)
    {
        bool any = false;
        for (int i = 0; i < want.Subscriptions.Count; i++)
        {
            WantSubscription subscription = want.Subscriptions[i];
            if (subscription.WantsBlock || !subscription.IsAnsweredBy(from))
            {
                continue;
            }

            _context.Actions.Enqueue(new HaveReceived(subscription.Id, from, latency));
            _context.Counters.WantsSatisfied++;
            Detach(subscription);
            want.Subscriptions.RemoveAt(i--);
            any = true;
        }

        if (any)
        {
            SubscriptionLeft(want);
        }
    }

    /// <summary>Ends everything with a block that is here and stored, but for questions to other sources.</summary>
    private void Satisfy(ClientWant want, ReadOnlyMemory<byte> data, PeerId? from)
    {
        if (from is not null)
        {
            _context.Measures.WantLatency.Add(_context.Now - want.Created);
        }

        List<WantSubscription> subscriptions = want.Subscriptions;
        if (subscriptions.Count == 1 && subscriptions[0].WantsBlock && subscriptions[0].IsAnsweredBy(from))
        {
            Give(subscriptions[0].Cid, [subscriptions[0].Id], data, from);
            Detach(subscriptions[0]);
            subscriptions.Clear();
        }
        else
        {
            SatisfyMany(subscriptions, data, from);
        }

        if (subscriptions.Count == 0)
        {
            SubscriptionLeft(want);
            return;
        }

        want.Weigh();
        want.MayBeInStore();
        AwaitPeer(want);
    }

    private void SatisfyMany(List<WantSubscription> subscriptions, ReadOnlyMemory<byte> data, PeerId? from)
    {
        // Callers that named it by the same CID get it in the same action.
        var byCid = new Dictionary<Cid, List<long>>();
        foreach (WantSubscription subscription in subscriptions)
        {
            if (!subscription.IsAnsweredBy(from))
            {
                continue;
            }

            Detach(subscription);
            if (!subscription.WantsBlock)
            {
                _context.Counters.WantsSatisfied++;
                _context.Actions.Enqueue(new HaveReceived(subscription.Id, subscription.LocalOnly ? null : from, TimeSpan.Zero));
                continue;
            }

            if (!byCid.TryGetValue(subscription.Cid, out List<long>? ids))
            {
                byCid.Add(subscription.Cid, ids = []);
            }

            ids.Add(subscription.Id);
        }

        foreach ((Cid cid, List<long> ids) in byCid)
        {
            Give(cid, ids, data, from);
        }

        subscriptions.RemoveAll(subscription => subscription.IsAnsweredBy(from));
    }

    private void Give(Cid cid, IReadOnlyList<long> ids, ReadOnlyMemory<byte> data, PeerId? from)
    {
        _context.Counters.WantsSatisfied += ids.Count;
        _context.Actions.Enqueue(new BlockReceived(ids, new Block(cid, data), from));
    }

    private void Count(WantEndReason reason)
    {
        switch (reason)
        {
            case WantEndReason.NotFound:
                _context.Counters.WantsNotFound++;
                break;
            case WantEndReason.Timeout:
                _context.Counters.WantsTimedOut++;
                break;
        }
    }
}
