using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>Represents a want of a peer, and what is to be done for it (boxo, peertask.Task).</summary>
internal sealed class PeerTask(Cid cid, PeerQueue queue, long sequence) : IQueueItem, ILinked<PeerTask>
{
    public const int NotHere = -1;

    public Cid Cid => cid;

    public PeerQueue Queue => queue;

    public long Sequence => sequence;

    public long QueuedAs { get; set; } = -1;

    public int Priority { get; set; }

    public WantType Type { get; set; }

    public bool SendDontHave { get; set; }

    /// <summary>Gets whether the peer may not have the block: it is told that it is not here, and the want is not kept.</summary>
    public bool Denied { get; set; }

    public PeerTaskState State
    {
        get;
        set
        {
            queue.SendingCount += (value == PeerTaskState.Sending ? 1 : 0) - (field == PeerTaskState.Sending ? 1 : 0);
            field = value;
            if (value is PeerTaskState.Ready or PeerTaskState.Unchecked)
            {
                queue.Evictable.Note(this);
            }
        }
    }

    /// <summary>Gets the bytes of the block, or <see cref="NotHere"/>.</summary>
    public int Size { get; set; } = NotHere;

    /// <summary>Gets the last full wantlist in parts that named it, as <see cref="PeerQueue.FullList"/> counts them.</summary>
    public int FullList { get; set; }

    /// <summary>Gets when the peer first asked.</summary>
    public TimeSpan Received { get; init; }

    public TimeSpan Since { get; set; }

    public int Failures { get; set; }

    /// <summary>Gets whether the block is in a message that is given to the network, so that it goes out whatever the peer says next.</summary>
    public bool IsHandedOut { get; set; }

    /// <summary>Gets whether the peer asked for the block after it was handed out in the place of word: it is looked up again once that is sent.</summary>
    public bool IsAskedAgain { get; set; }

    // Neighbours among the missing wants of the peer.
    public PeerTask? Previous { get; set; }

    public PeerTask? Next { get; set; }

    // Neighbours among all peers' wants of the multihash that wait for the block.
    public bool IsIndexed { get; set; }

    public PeerTask? PreviousSame { get; set; }

    public PeerTask? NextSame { get; set; }
}

/// <summary>Specifies where a peer's want is on its way.</summary>
internal enum PeerTaskState : byte
{
    /// <summary>The store is to be asked whether the block is here.</summary>
    Unchecked,

    /// <summary>The block is not here; the want waits for it.</summary>
    Missing,

    /// <summary>Its answer is known and queued.</summary>
    Ready,

    /// <summary>The block is being read or sent.</summary>
    Sending,

    /// <summary>Withdrawn, answered, evicted, or its peer is gone.</summary>
    Gone,
}
