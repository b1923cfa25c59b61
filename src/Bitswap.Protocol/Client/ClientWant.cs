using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>A multihash that somebody here wants, with all interests in it and all peers that were asked.</summary>
internal sealed class ClientWant(Cid cid, long sequence, TimeSpan created) : IQueued, IChained<ClientWant>
{
    private const int MaxPastAnswers = 16;

    private List<PeerAnswer>? _past;

    public Cid Cid { get; } = cid;

    public Multihash Hash => Cid.Hash;

    public long Sequence { get; } = sequence;

    public TimeSpan Created { get; } = created;

    public WantState State { get; set; }

    /// <summary>The interests, in the order they came. Nearly always one.</summary>
    public List<Interest> Interests { get; } = new(1);

    public long QueuedAs { get; set; } = -1;

    public int Priority { get; private set; }

    /// <summary>False when only word of who has it is wanted.</summary>
    public bool WantsBlock { get; private set; }

    /// <summary>True when every interest names the only peers that may know.</summary>
    public bool Exclusive { get; private set; }

    public PeerWant? FirstAsk { get; private set; }

    public int AskCount { get; private set; }

    /// <summary>Asks that may still be answered in time.</summary>
    public int OpenAsks { get; set; }

    /// <summary>The one peer that is asked for the block itself.</summary>
    public PeerWant? BlockAsk { get; set; }

    /// <summary>The store was asked, and does not have it.</summary>
    public bool StoreMissed { get; set; }

    /// <summary>The session in whose broadcast window the want is.</summary>
    public Session? BroadcastIn { get; set; }

    /// <summary>In that window for what the unlikely peers of the session say, before others are asked.</summary>
    public bool IsProbed { get; set; }

    /// <summary>The session in whose queue for the window it is.</summary>
    public Session? AwaitingIn { get; set; }

    /// <summary>Times that it was taken from a slow peer.</summary>
    public byte Moves { get; set; }

    public bool Searching { get; set; }

    public bool Searched { get; set; }

    // Neighbours among the parked wants.
    public ClientWant? Previous { get; set; }

    public ClientWant? Next { get; set; }

    /// <summary>Bytes of the block, when it was put into the store while the store was being asked for it; else -1.</summary>
    public int AddedSize { get; set; } = -1;

    public int StoringBytes { get; set; }

    public PeerId? StoringFrom { get; set; }

    public ReadOnlyMemory<byte> StoringData { get; set; }

    public IReadOnlyList<PeerAnswer> PastAnswers => _past ?? (IReadOnlyList<PeerAnswer>)[];

    public void Weigh()
    {
        int priority = int.MinValue;
        bool wantsBlock = false;
        bool exclusive = true;
        foreach (Interest interest in Interests)
        {
            priority = Math.Max(priority, interest.Priority);
            wantsBlock |= interest.WantsBlock;
            exclusive &= interest.Session.OnlyPeers is not null;
        }

        (Priority, WantsBlock, Exclusive) = (priority, wantsBlock, exclusive);
    }

    public bool MayAsk(PeerId peer)
    {
        foreach (Interest interest in Interests)
        {
            if (interest.Session.Allows(peer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the store may end any of the interests.</summary>
    public bool TakesFromStore()
    {
        foreach (Interest interest in Interests)
        {
            if (!interest.SkipStore)
            {
                return true;
            }
        }

        return false;
    }

    public bool HasInterestIn(Session session)
    {
        foreach (Interest interest in Interests)
        {
            if (interest.Session == session)
            {
                return true;
            }
        }

        return false;
    }

    public void Link(PeerWant ask)
    {
        ask.NextOfWant = FirstAsk;
        if (FirstAsk is not null)
        {
            FirstAsk.PreviousOfWant = ask;
        }

        FirstAsk = ask;
        AskCount++;
    }

    public void Unlink(PeerWant ask)
    {
        if (ask.PreviousOfWant is null)
        {
            FirstAsk = ask.NextOfWant;
        }
        else
        {
            ask.PreviousOfWant.NextOfWant = ask.NextOfWant;
        }

        if (ask.NextOfWant is not null)
        {
            ask.NextOfWant.PreviousOfWant = ask.PreviousOfWant;
        }

        ask.NextOfWant = ask.PreviousOfWant = null;
        AskCount--;
    }

    /// <summary>Whether a peer that is gone had said that it does not have the block.</summary>
    public bool WasDeniedBy(PeerId peer)
    {
        foreach (PeerAnswer answer in PastAnswers)
        {
            if (answer.Kind == PeerAnswerKind.DontHave && answer.Peer.Equals(peer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets go of what a peer had said when a former ask went.</summary>
    public void Forget(PeerId peer)
    {
        for (int i = PastAnswers.Count - 1; i >= 0; i--)
        {
            if (_past![i].Peer.Equals(peer))
            {
                _past.RemoveAt(i);
            }
        }
    }

    /// <summary>Keeps what a peer had said when the ask itself goes.</summary>
    public void Remember(PeerAnswer answer)
    {
        _past ??= [];
        Forget(answer.Peer);
        if (_past.Count == MaxPastAnswers)
        {
            _past.RemoveAt(0);
        }

        _past.Add(answer);
    }
}
