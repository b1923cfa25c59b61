using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Bounds what the wants of all peers take, in bytes, and which give way when there is no room for another: one of the same peer's when that has reached its number or has most
/// already, else one of the peer that has most. So no peer loses a want to another that has more. Of a peer, the oldest want whose block is not here goes, else the least
/// important one below the new one; old wants thus never keep new ones out for good (boxo #527). Who asked to be told is told that the block is not here.
/// </summary>
internal sealed class WantBudget(ServerSide server)
{
    // The object, its places in the tables by CID and by hash, and those in the queues.
    private const int BytesPerWant = 400;
    private const int BytesPerRefusal = 100;

    private EngineContext Context => server.Context;

    /// <summary>Gets the bytes of all peers' wants, and of refusals that are to be told.</summary>
    public long Bytes { get; private set; }

    public static long CostOf(Cid cid) => BytesPerWant + cid.ByteLength;

    public static long CostOfRefusal(Cid cid) => BytesPerRefusal + cid.ByteLength;

    /// <summary>Makes room for one more want of a peer; false when that is the one to give way.</summary>
    public bool MakeRoom(PeerQueue queue, Cid cid, int priority)
    {
        // What is being sent does not count: the peer may have it, and ask for more, before we hear that it was sent.
        EngineOptions options = Context.Options;
        if (queue.Wants.Count - queue.SendingCount >= options.MaxPeerWants && !TryEvict(queue, priority))
        {
            return false;
        }

        long cost = CostOf(cid);
        while (Bytes + cost > options.MaxPeerWantBytes)
        {
            PeerQueue heaviest = Heaviest(queue, cost);
            if (!TryEvict(heaviest, heaviest == queue ? priority : null))
            {
                return false;
            }
        }

        return true;
    }

    public void Added(PeerTask want) => Change(want.Queue, CostOf(want.Cid));

    public void Removed(PeerTask want)
    {
        Change(want.Queue, -CostOf(want.Cid));
        want.Queue.Evictable.Trim();
    }

    /// <summary>Makes a want give way.</summary>
    public void Evict(PeerTask want)
    {
        Context.Counters.PeerWantsEvicted++;

        // Of a missing one the peer was told, when it was found missing.
        bool isToTell = want.SendDontHave && want.State != PeerTaskState.Missing;
        server.Wantlists.Remove(want);
        if (isToTell)
        {
            Refuse(want.Queue, want.Cid);
        }

        server.Replies.Update(want.Queue);
    }

    /// <summary>Refuses a block to a peer, which is to be told that a block is not here for it. What there is no room for is not told, and the peer asks again.</summary>
    public void Refuse(PeerQueue queue, Cid cid)
    {
        long cost = CostOfRefusal(cid);
        if (queue.Peer.KnowsPresence && Bytes + cost <= Context.Options.MaxPeerWantBytes)
        {
            if (!queue.HasWork)
            {
                queue.PendingSince = Context.Now;
            }

            queue.Refused.Enqueue(cid);
            Change(queue, cost);
        }
    }

    public bool TryTakeRefused(PeerQueue queue, out Cid? cid)
    {
        bool any = queue.Refused.TryDequeue(out cid);
        if (any)
        {
            Change(queue, -CostOfRefusal(cid!));
        }

        return any;
    }

    /// <summary>Forgets a peer that is gone, and all its wants.</summary>
    public void Clear(PeerQueue queue)
    {
        queue.Refused.Clear();
        Change(queue, -queue.WantBytes);
    }

    private void Change(PeerQueue queue, long bytes)
    {
        queue.WantBytes += bytes;
        Bytes += bytes;
    }

    private PeerQueue Heaviest(PeerQueue queue, long cost)
    {
        PeerQueue heaviest = queue;
        long most = queue.WantBytes + cost;
        foreach (PeerQueue other in server.Peers)
        {
            if (other.WantBytes > most)
            {
                heaviest = other;
                most = heaviest.WantBytes;
            }
        }

        return heaviest;
    }

    /// <summary>Evicts one want of a peer; where a priority is given, one that is here only if its own is lower.</summary>
    private bool TryEvict(PeerQueue queue, int? priority)
    {
        if (queue.Missing.First is { } oldest)
        {
            Evict(oldest);
            return true;
        }

        if (queue.Evictable.TryPeek(out PeerTask? weakest) && (priority is null || weakest!.Priority < priority))
        {
            Evict(weakest!);
            return true;
        }

        return false;
    }
}
