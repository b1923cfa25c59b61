using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Makes the table that tells who was asked for a want and what each said.</summary>
internal sealed class WantReport(EngineContext context, RequestTable requests, Redials redials, NotFoundPolicy policy)
{
    // Of those that cannot be asked; as many as a reader takes in.
    private const int MaxUnfitLines = 16;

    /// <summary>
    /// Returns which of the peers that the caller allows were asked and what each has said until now, those that are gone and those that could not be reached among
    /// them.
    /// </summary>
    public IReadOnlyList<PeerAnswer> Of(WantSubscription subscription)
    {
        ClientWant want = subscription.Want;
        Session session = subscription.Session;
        if (want.FirstRequest is null && subscription.WantsBlock && want.PastAnswers.Count + redials.Count + policy.Unfit.Count == 0)
        {
            return [];
        }

        List<PeerAnswer> table = [.. want.PastAnswers.Where(answer => session.Allows(answer.Peer))];
        for (PeerRequest? request = want.FirstRequest; request is not null; request = request.NextOfWant)
        {
            PeerId peer = request.Peer.Id;
            if (request.WasTold && session.Allows(peer))
            {
                PeerAnswer said = request.Describe(context.Now);
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

        if (!subscription.WantsBlock)
        {
            AddThoseThatCannotTell(table, session);
        }

        AddLost(table, session);
        table.AddRange(policy.Unfit.Values.Where(unfit => session.Allows(unfit.Peer)).Take(MaxUnfitLines));
        return table;
    }

    private void AddThoseThatCannotTell(List<PeerAnswer> table, Session session)
    {
        foreach (PeerRequests peer in requests.Peers)
        {
            PeerId id = peer.Id;
            if (!peer.KnowsPresence && session.Allows(id) && !table.Exists(answer => answer.Peer.Equals(id)))
            {
                table.Add(new PeerAnswer(id, context.Now, PeerAnswerKind.CannotAsk, null));
            }
        }
    }

    private void AddLost(List<PeerAnswer> table, Session session)
    {
        foreach (LostPeer lost in redials.MissedBy(session))
        {
            int line = table.FindIndex(answer => answer.Peer.Equals(lost.Id));
            if (line < 0)
            {
                table.Add(new PeerAnswer(lost.Id, lost.LostAt, lost.Failures > 0 ? lost.Kind : PeerAnswerKind.HungUp, null, lost.Failures > 0 ? lost.Detail : null));
            }
            else if (table[line].Kind is PeerAnswerKind.HungUp or PeerAnswerKind.WeHungUp && lost.Failures > 0)
            {
                string tries = $"dialled again {(lost.Failures == 1 ? "once" : $"{lost.Failures} times")}: {lost.Detail}";
                table[line] = table[line] with { Detail = table[line].Detail is { } why ? $"{why.TrimEnd('.')}; {tries}" : tries };
            }
        }
    }
}
