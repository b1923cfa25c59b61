using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Represents a want of a peer, and what is to be done for it (boxo, peertask.Task). Its state changes by the methods below alone. <see cref="PeerQueue"/> calls those that begin with
/// "To", since the counts and lists of the queue change with them; <see cref="PeerWantlists"/> says when.
/// </summary>
/// <remarks>
/// <code>
/// Unchecked -> Ready (the block is here, or the peer is told that it is not) | Missing (not here)
/// Missing   -> Ready (the block comes) | Unchecked (asked again) | Gone (too old)
/// Ready     -> Sending (its turn comes)
/// Sending   -> Gone (sent) | Missing (told that it is not here) | Ready (could not be sent) | Unchecked (asked again meanwhile)
/// any       -> Gone (withdrawn, evicted, or the peer is gone)
/// </code>
/// </remarks>
internal sealed class PeerTask(PeerQueue queue, long sequence, in WantlistEntry entry, WantType type, bool isDenied, TimeSpan received) : IQueueItem, ILinked<PeerTask>
{
    public const int NotHere = -1;

    // The place in the queue of answers: the copies that were sent, then the sequence, whose 56 bits outlast any process.
    private const int CopiesShift = 56;

    public Cid Cid { get; } = entry.Cid;

    public PeerQueue Queue => queue;

    public long Sequence => sequence;

    /// <summary>Gets when the peer first asked.</summary>
    public TimeSpan Received => received;

    /// <summary>Gets whether the peer may not have the block: it is told that it is not here, and the want is not kept.</summary>
    public bool IsDenied => isDenied;

    public PeerTaskState State { get; private set; }

    public int Priority { get; private set; } = entry.Priority;

    public WantType Type { get; private set; } = type;

    public bool SendDontHave { get; private set; } = entry.SendDontHave;

    /// <summary>Gets the last full wantlist in parts that named it, as <see cref="PeerQueue.FullList"/> counts them.</summary>
    public int FullList { get; private set; } = queue.FullList;

    /// <summary>Gets the bytes of the block, or <see cref="NotHere"/>.</summary>
    public int Size { get; private set; } = NotHere;

    /// <summary>Gets since when it waits for a block that is not here.</summary>
    public TimeSpan Since { get; private set; }

    /// <summary>Gets how often its answer could not be sent.</summary>
    public int Failures { get; private set; }

    /// <summary>Gets whether the block is in a message that is given to the network, so that it goes out whatever the peer says next.</summary>
    public bool IsHandedOut { get; private set; }

    /// <summary>Gets whether the peer asked for the block after it was handed out in the place of word: it is looked up again once that is sent.</summary>
    public bool IsAskedAgain { get; private set; }

    public long QueuedAs { get; private set; } = -1;

    public PeerTask? Previous { get; private set; }

    public PeerTask? Next { get; private set; }

    PeerTask? ILinked<PeerTask>.Previous
    {
        get => Previous;
        set => Previous = value;
    }

    PeerTask? ILinked<PeerTask>.Next
    {
        get => Next;
        set => Next = value;
    }

    /// <summary>Gets whether it is among all peers' wants of the multihash that wait for the block; kept, as its neighbours there, by <see cref="WaitingIndex"/>.</summary>
    public bool IsIndexed { get; internal set; }

    public PeerTask? PreviousSame { get; internal set; }

    public PeerTask? NextSame { get; internal set; }

    public void ToUnchecked() => State = PeerTaskState.Unchecked;

    public void ToMissing(TimeSpan now)
    {
        State = PeerTaskState.Missing;
        Size = NotHere;
        Since = now;
    }

    public void ToReady(int size)
    {
        State = PeerTaskState.Ready;
        Size = size;
        QueuedAs = sequence;
    }

    /// <summary>Gets to how many peers its block had been sent when it took its place in the queue of answers.</summary>
    public int QueuedCopies => (int)(QueuedAs >> CopiesShift);

    /// <summary>Gives it a place behind those of its priority whose block went to fewer peers.</summary>
    public void QueueBehind(int copies) => QueuedAs = ((long)copies << CopiesShift) | sequence;

    public void ToSending() => State = PeerTaskState.Sending;

    public void ToGone() => State = PeerTaskState.Gone;

    /// <summary>Takes it out of the queue of answers.</summary>
    public void Unqueue() => QueuedAs = -1;

    /// <summary>Notes that the peer named it again. What was asked before still holds: a want for a block includes one for word of it, not the other way round.</summary>
    public void NamedAgain(in WantlistEntry entry, WantType type)
    {
        bool isUpgrade = Type == WantType.Have && type == WantType.Block;
        FullList = queue.FullList;
        SendDontHave |= entry.SendDontHave;
        Priority = entry.Priority;
        if (type == WantType.Block)
        {
            Type = WantType.Block;
        }

        // A block that is being sent is not sent twice. A small one that is sent in the place of word is the exception: a peer that now
        // asks for the block may have let that one go by, and waits for an answer to this.
        IsAskedAgain |= isUpgrade && IsHandedOut;
    }

    /// <summary>Takes on what the peer asks now in the place of what it asked before.</summary>
    public void AskedAnew(in WantlistEntry entry, WantType type)
    {
        FullList = queue.FullList;
        SendDontHave = entry.SendDontHave;
        Priority = entry.Priority;
        Type = type;
    }

    /// <summary>Notes that its block is in a message that is given to the network.</summary>
    public void HandedOut() => IsHandedOut = true;

    /// <summary>Notes that the block went from the store after it was found there.</summary>
    public void BlockVanished() => Size = NotHere;

    /// <summary>Notes what became of the message with its block. Returns whether the peer asked for the block again meanwhile.</summary>
    public bool Delivered(bool ok)
    {
        bool wasAskedAgain = IsAskedAgain;
        IsHandedOut = IsAskedAgain = false;
        Failures += ok ? 0 : 1;
        return wasAskedAgain;
    }
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
