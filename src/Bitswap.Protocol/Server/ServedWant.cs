using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Server;

/// <summary>A want of a peer.</summary>
internal sealed class ServedWant(Cid cid, PeerQueue queue, long sequence) : IQueued, IChained<ServedWant>
{
    public const int NotHere = -1;

    public Cid Cid => cid;

    public PeerQueue Queue => queue;

    public long Sequence => sequence;

    public long QueuedAs { get; set; } = -1;

    public int Priority { get; set; }

    public WantType Type { get; set; }

    public bool SendDontHave { get; set; }

    /// <summary>The peer may not have the block: it is told that it is not here, and the want is not kept.</summary>
    public bool Denied { get; set; }

    public ServeStage Stage
    {
        get;
        set
        {
            queue.SendingCount += (value == ServeStage.Sending ? 1 : 0) - (field == ServeStage.Sending ? 1 : 0);
            field = value;
            if (value is ServeStage.Ready or ServeStage.Unchecked)
            {
                queue.Weakest.Note(this);
            }
        }
    }

    /// <summary>Bytes of the block, or <see cref="NotHere"/>.</summary>
    public int Size { get; set; } = NotHere;

    /// <summary>The last full wantlist in parts that named it, as <see cref="PeerQueue.FullList"/> counts them.</summary>
    public int FullList { get; set; }

    /// <summary>When the peer first asked.</summary>
    public TimeSpan Received { get; init; }

    public TimeSpan Since { get; set; }

    public int Failures { get; set; }

    // Neighbours among the missing wants of the peer.
    public ServedWant? Previous { get; set; }

    public ServedWant? Next { get; set; }

    // Neighbours among all peers' wants of the multihash that wait for the block.
    public bool IsIndexed { get; set; }

    public ServedWant? PreviousSame { get; set; }

    public ServedWant? NextSame { get; set; }
}
