using System.Diagnostics;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Represents a multihash that a caller wants, with all subscriptions to it and all requests for it. It is a state machine: <see cref="State"/> changes by the methods below alone,
/// and <see cref="Wants"/> says which comes when.
/// </summary>
/// <remarks>
/// <code>
/// new ------> Looking --missed--> Fresh --a peer has room--> Active &lt;---> AwaitingBroadcast
///    \           ^ |               ^ ^                        |  ^
///     skips the  | hit             | |                        |  |
///     store      | v               | no peer is left to ask   |  a peer comes, or says HAVE
///      \         Ended             |                          v  |
///       `-------> Fresh            `---- a peer leaves ----- Parked
///
/// Looking, Fresh, Active, AwaitingBroadcast, Parked --the block comes--> Storing --stored--> Ended, or Fresh for who asked others
/// </code>
/// </remarks>
internal sealed class ClientWant(Cid cid, long sequence, TimeSpan created) : IQueueItem, ILinked<ClientWant>
{
    private const int MaxPastAnswers = 16;
    private const byte MaxMoves = 2;

    private List<PeerAnswer>? _past;
    private Block _storing;
    private PeerId? _storingFrom;

    public Cid Cid { get; } = cid;

    public Multihash Hash => Cid.Hash;

    public long Sequence { get; } = sequence;

    public TimeSpan Created { get; } = created;

    public WantState State { get; private set; }

    /// <summary>Gets the subscriptions in the order in which they came. Nearly always one.</summary>
    public List<WantSubscription> Subscriptions { get; } = new(1);

    public long QueuedAs { get; private set; } = -1;

    public int Priority { get; private set; }

    /// <summary>Gets whether the block is wanted, and not only word of who has it.</summary>
    public bool WantsBlock { get; private set; }

    /// <summary>Gets whether every subscription names the only peers that may know.</summary>
    public bool Exclusive { get; private set; }

    /// <summary>Gets the latest request; the others follow by <see cref="PeerRequest.NextOfWant"/>.</summary>
    public PeerRequest? FirstRequest { get; private set; }

    public int RequestCount { get; private set; }

    /// <summary>Gets how many requests may still be answered in time.</summary>
    public int OpenRequests { get; private set; }

    /// <summary>Gets the request of the one peer that is asked for the block itself.</summary>
    public PeerRequest? BlockRequest { get; private set; }

    /// <summary>Gets whether the store was asked, and does not have the block.</summary>
    public bool StoreMissed { get; private set; }

    /// <summary>Gets the session in whose broadcast window the want is.</summary>
    public Session? BroadcastIn { get; private set; }

    /// <summary>Gets whether the want is in that window for what the unlikely peers of the session say, before others are asked.</summary>
    public bool IsProbed { get; private set; }

    /// <summary>Gets the session in whose queue for the window the want is.</summary>
    public Session? AwaitingIn { get; private set; }

    /// <summary>Gets how often the want was taken from a slow peer.</summary>
    public byte Moves { get; private set; }

    /// <summary>Gets whether the block may be taken from the peer that is asked for it once more: each time it may come twice.</summary>
    public bool MayMove => Moves < MaxMoves;

    /// <summary>Gets whether providers are searched for.</summary>
    public bool Searching { get; private set; }

    /// <summary>Gets whether providers were searched for since the want was last asked anew.</summary>
    public bool Searched { get; private set; }

    /// <summary>Gets the next of the parked wants.</summary>
    public ClientWant? Next { get; private set; }

    ClientWant? ILinked<ClientWant>.Previous { get; set; }

    ClientWant? ILinked<ClientWant>.Next
    {
        get => Next;
        set => Next = value;
    }

    /// <summary>Gets the bytes of a block that is being stored.</summary>
    public int StoringBytes => State == WantState.Storing ? _storing.Data.Length : 0;

    public IReadOnlyList<PeerAnswer> PastAnswers => _past ?? (IReadOnlyList<PeerAnswer>)[];

    /// <summary>Gets the bytes of a block that was put into the store while the store was being asked for it; else -1.</summary>
    public int AddedSize { get; private set; } = -1;

    /// <summary>Asks the store: first, or again for a subscription that does not skip it.</summary>
    public void LookUp() => State = WantState.Looking;

    /// <summary>Takes note that the store has the block by now.</summary>
    public void FoundInStore()
    {
        State = WantState.Looking;
        StoreMissed = false;
    }

    /// <summary>Takes note that the store does not have the block.</summary>
    public void MissedInStore() => StoreMissed = true;

    /// <summary>Takes note that the store may have the block.</summary>
    public void MayBeInStore() => StoreMissed = false;

    /// <summary>Takes note of a block that was put into the store while the store was being asked for it.</summary>
    public void AddedWhileLooking(int size) => AddedSize = size;

    /// <summary>Takes the size of a block that was put into the store meanwhile; false when none was.</summary>
    public bool TryTakeAdded(out int size)
    {
        size = AddedSize;
        AddedSize = -1;
        return size >= 0;
    }

    /// <summary>Waits for a peer with room.</summary>
    public void Enqueue()
    {
        State = WantState.Fresh;
        QueuedAs = Sequence;
    }

    /// <summary>Waits for a place in a session's broadcast window.</summary>
    public void AwaitBroadcast(Session session)
    {
        State = WantState.AwaitingBroadcast;
        AwaitingIn = session;
        QueuedAs = Sequence;
    }

    /// <summary>Leaves whatever queue it is in: peers are asked.</summary>
    public void Activate()
    {
        State = WantState.Active;
        QueuedAs = -1;
    }

    /// <summary>Leaves the queue that it is in, and keeps its state for the moment.</summary>
    public void Unqueue() => QueuedAs = -1;

    /// <summary>Waits for something to change: no peer is left to ask.</summary>
    public void Park() => State = WantState.Parked;

    /// <summary>Takes a block that is being stored.</summary>
    public void Store(ReadOnlyMemory<byte> data, PeerId from)
    {
        State = WantState.Storing;
        _storing = new Block(Cid, data);
        _storingFrom = from;
    }

    /// <summary>Lets go of the block that was being stored, stored or not.</summary>
    public Block Stored(out PeerId? from)
    {
        Debug.Assert(State == WantState.Storing);
        Block block = _storing;
        from = _storingFrom;
        _storing = default;
        State = WantState.Active;
        return block;
    }

    /// <summary>Is over.</summary>
    public void End() => State = WantState.Ended;

    /// <summary>Takes a place in a session's broadcast window, as a probe of the unlikely peers or as a broadcast.</summary>
    public void EnterBroadcast(Session session, bool isProbe)
    {
        if (BroadcastIn is null)
        {
            BroadcastIn = session;
            session.BroadcastEntered();
        }

        IsProbed = isProbe;
    }

    /// <summary>Leaves the broadcast window; false when it is in none.</summary>
    public bool LeaveBroadcast()
    {
        if (BroadcastIn is not { } session)
        {
            return false;
        }

        BroadcastIn = null;
        IsProbed = false;
        session.BroadcastLeft();
        return true;
    }

    /// <summary>Begins a search for providers.</summary>
    public void StartSearch() => Searching = Searched = true;

    /// <summary>Ends the search for providers.</summary>
    public void EndSearch() => Searching = false;

    /// <summary>Allows a search for providers anew, beside one that may be under way.</summary>
    public void AllowSearch() => Searched = Searching;

    /// <summary>Asks as if there had been no search.</summary>
    public void ForgetSearch() => Searched = false;

    /// <summary>Counts that the want was taken from a slow peer.</summary>
    public void Moved() => Moves++;

    public void Add(WantSubscription subscription)
    {
        Subscriptions.Add(subscription);
        Weigh();
    }

    /// <summary>Makes up what the want is from its subscriptions.</summary>
    public void Weigh()
    {
        int priority = int.MinValue;
        bool wantsBlock = false;
        bool exclusive = true;
        foreach (WantSubscription subscription in Subscriptions)
        {
            priority = Math.Max(priority, subscription.Priority);
            wantsBlock |= subscription.WantsBlock;
            exclusive &= subscription.Session.OnlyPeers is not null;
        }

        (Priority, WantsBlock, Exclusive) = (priority, wantsBlock, exclusive);
    }

    /// <summary>Returns whether a peer may know of the want.</summary>
    public bool MayAsk(PeerId peer)
    {
        foreach (WantSubscription subscription in Subscriptions)
        {
            if (subscription.Session.Allows(peer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns whether the store may end any of the subscriptions.</summary>
    public bool TakesFromStore()
    {
        foreach (WantSubscription subscription in Subscriptions)
        {
            if (!subscription.SkipStore)
            {
                return true;
            }
        }

        return false;
    }

    public bool HasSubscriptionIn(Session session)
    {
        foreach (WantSubscription subscription in Subscriptions)
        {
            if (subscription.Session == session)
            {
                return true;
            }
        }

        return false;
    }

    public void Add(PeerRequest request)
    {
        request.NextOfWant = FirstRequest;
        if (FirstRequest is not null)
        {
            FirstRequest.PreviousOfWant = request;
        }

        FirstRequest = request;
        RequestCount++;
    }

    public void Remove(PeerRequest request)
    {
        if (request.PreviousOfWant is null)
        {
            FirstRequest = request.NextOfWant;
        }
        else
        {
            request.PreviousOfWant.NextOfWant = request.NextOfWant;
        }

        if (request.NextOfWant is not null)
        {
            request.NextOfWant.PreviousOfWant = request.PreviousOfWant;
        }

        request.NextOfWant = request.PreviousOfWant = null;
        RequestCount--;
    }

    /// <summary>Counts a request that may be answered. Called by <see cref="PeerRequest"/>.</summary>
    public void RequestOpened() => OpenRequests++;

    /// <summary>Counts a request no longer that may be answered. Called by <see cref="PeerRequest"/>.</summary>
    public void RequestClosed(PeerRequest request)
    {
        OpenRequests--;
        if (BlockRequest == request)
        {
            BlockRequest = null;
        }
    }

    /// <summary>Makes a request the one for the block.</summary>
    public void AskForBlock(PeerRequest request) => BlockRequest = request;

    /// <summary>Returns whether a peer has said HAVE and is believed.</summary>
    public bool IsPromised()
    {
        for (PeerRequest? request = FirstRequest; request is not null; request = request.NextOfWant)
        {
            if (request.IsPromising)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns whether a peer that is gone had said that it does not have the block.</summary>
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

    /// <summary>Lets go of what a peer had said when a former request went.</summary>
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

    /// <summary>Keeps what a peer had said when the request itself goes.</summary>
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
