using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Decides what may still be hoped for when all that may be asked for a want have said no.</summary>
internal sealed class NotFoundPolicy(EngineContext context, RequestTable requests, Redials redials)
{
    private readonly Dictionary<PeerId, PeerAnswer> _unfit = [];

    /// <summary>Gets the connected peers that cannot be asked, and why.</summary>
    public IReadOnlyDictionary<PeerId, PeerAnswer> Unfit => _unfit;

    /// <summary>Gets whether a want without a peer is given up, rather than left to wait for one.</summary>
    public bool GivesUpWithoutPeers => context.Options.FailFastWithoutPeers || _unfit.Count > 0;

    /// <summary>Notes that a peer is connected and cannot be asked.</summary>
    public void AddUnfit(PeerAnswer why) => _unfit[why.Peer] = why;

    /// <summary>Forgets that a peer could not be asked.</summary>
    public void RemoveUnfit(PeerId peer) => _unfit.Remove(peer);

    /// <summary>Returns whether providers may be searched for.</summary>
    public bool MaySearch(ClientWant want) => context.Options.ProviderSearch && !want.Exclusive && !want.Searched;

    /// <summary>Dials peers that were lost before the want, since no connected one has it.</summary>
    public void SeekLost(ClientWant want)
    {
        if (redials.Count > 0)
        {
            foreach (WantSubscription subscription in want.Subscriptions)
            {
                redials.Seek(subscription.Session);
            }
        }
    }

    /// <summary>Returns whether every peer that may be asked has said no, or cannot be asked.</summary>
    public bool IsHopeless(WantSubscription subscription)
    {
        bool any = false;
        foreach (PeerRequests peer in requests.Peers)
        {
            if (!subscription.Session.Allows(peer.Id))
            {
                continue;
            }

            any = true;
            bool asked = peer.ByHash.TryGetValue(subscription.Want.Hash, out PeerRequest? request);
            bool canBeAsked = peer.KnowsPresence || subscription.WantsBlock;
            if (asked ? request!.IsOpen || request.Answer != RequestAnswer.DontHave : canBeAsked)
            {
                return false;
            }
        }

        any |= subscription.Session.OnlyPeers is not null && _unfit.Keys.Any(subscription.Session.Allows);
        return (any || context.Options.FailFastWithoutPeers) && !redials.MayReturnFor(subscription);
    }
}
