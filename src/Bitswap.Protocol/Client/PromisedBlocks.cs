using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Shares out a batch that many peers fetch at once: a peer that said HAVE, and has room, is asked for what another would send much later, of which much is asked. So peers that fetch the
/// same from one that has all of it soon take most of it from each other. What was promised by the peer that is asked for it stays there: it has that to give now, and others want it too.
/// </summary>
/// <param name="requests">Who is asked what.</param>
internal sealed class PromisedBlocks(RequestTable requests)
{
    // Looked at for each block or HAVE of a peer; the oldest first, which were waited for longest.
    private const int MaxExamined = 16;

    // What a peer that has sent nothing yet is trusted with.
    private const int MaxUnproven = 2;

    /// <summary>Asks a peer for blocks that it promised, where that is worth while.</summary>
    public void Take(PeerRequests to)
    {
        int left = MaxExamined;
        PeerRequest? promise = to.Promises.First;
        while (promise is not null && left-- > 0 && to.HasRoom(othersCould: true) && (to.Performance.IsMeasured || to.BlocksRequested < MaxUnproven))
        {
            PeerRequest? next = promise.Next;
            if (promise.IsPromising
                && promise.Want.BlockRequest is { Told: WantType.Block, WasPromised: false } asked
                && asked.Peer != to
                && asked.Want.MayMove
                && IsFellow(asked.Want, to)
                && asked.Peer.TimeForAll > to.TimeWorthMoving)
            {
                requests.Move(asked, to);
            }

            promise = next;
        }
    }

    /// <summary>Returns whether a peer lacked something of a session of the want: it gets its blocks as we do. Of peers that have everything, each sends its share to the end.</summary>
    private static bool IsFellow(ClientWant want, PeerRequests peer)
    {
        foreach (WantSubscription subscription in want.Subscriptions)
        {
            if (subscription.Session.Lacking.Contains(peer.Id))
            {
                return true;
            }
        }

        return false;
    }
}
