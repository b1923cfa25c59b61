using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Bounds what the wants of all peers take, in bytes, and which give way when there is no room for another: one of the same peer's when that has reached its number or has most
/// already, else one of the peer that has most. So no peer loses a want to another that has more. Of a peer, the oldest want whose block is not here goes, else the least
/// important one below the new one; old wants thus never keep new ones out for good (boxo #527). Who asked to be told is told that the block is not here.
/// </summary>
/// <param name="context">What the engine shares.</param>
/// <param name="peers">The queues of the connected peers.</param>
/// <param name="evict">Called with a want that gives way.</param>
internal sealed class WantBudget(EngineContext context, IReadOnlyList<PeerQueue> peers, Action<PeerTask> evict)
{
    // The object, its places in the tables by CID and by hash, and those in the queues.
    private const int BytesPerWant = 400;
    private const int BytesPerRefusal = 100;

    /// <summary>Gets the bytes of all peers' wants, and of refusals that are to be told.</summary>
    public long Bytes { get; private set; }

    public static long CostOf(Cid cid) => BytesPerWant + cid.ByteLength;

    public static long CostOfRefusal(Cid cid) => BytesPerRefusal + cid.ByteLength;

    /// <summary>Changes the bytes that are taken; each <see cref="PeerQueue"/> says so of its own.</summary>
    public void Charge(long bytes) => Bytes += bytes;

    /// <summary>Makes room for one more want of a peer; false when that is the one to give way.</summary>
    public bool MakeRoom(PeerQueue queue, Cid cid, int priority)
    {
        EngineOptions options = context.Options;
        if (queue.BoundedCount >= options.MaxPeerWants && !TryEvict(queue, priority))
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

    /// <summary>Returns whether a peer has more wants than it may have: one that did not count while it was being sent, and could not be, may find its place taken.</summary>
    public bool IsExceeded(PeerQueue queue) => queue.BoundedCount > context.Options.MaxPeerWants;

    /// <summary>Returns whether there is room to keep word of a refused want.</summary>
    public bool HasRoomToRefuse(Cid cid) => Bytes + CostOfRefusal(cid) <= context.Options.MaxPeerWantBytes;

    private PeerQueue Heaviest(PeerQueue queue, long cost)
    {
        PeerQueue heaviest = queue;
        long most = queue.WantBytes + cost;
        for (int i = 0; i < peers.Count; i++)
        {
            if (peers[i].WantBytes > most)
            {
                heaviest = peers[i];
                most = heaviest.WantBytes;
            }
        }

        return heaviest;
    }

    /// <summary>Evicts one want of a peer; where a priority is given, one that is here only if its own is lower.</summary>
    private bool TryEvict(PeerQueue queue, int? priority)
    {
        if (queue.OldestMissing is { } oldest)
        {
            evict(oldest);
            return true;
        }

        if (queue.TryPeekEvictable(out PeerTask? weakest) && (priority is null || weakest.Priority < priority))
        {
            evict(weakest);
            return true;
        }

        return false;
    }
}
