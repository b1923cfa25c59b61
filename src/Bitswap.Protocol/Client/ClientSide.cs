using Bitswap.Multiformats;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>The half of the engine that wants: the tables, and the parts that work on them.</summary>
internal sealed class ClientSide
{
    private const int PumpRounds = 4;

    private long _lastSequence;

    public ClientSide(EngineContext context)
    {
        Context = context;
        Recent = new RecentSet(context.Options.RecentBlocks);
        Sessions = new SessionBook(this);
        Ending = new WantEnding(this);
        Lookup = new LocalLookup(this);
        Choice = new PeerChoice(this);
        Pump = new SessionPump(this);
        Placement = new Placement(this);
        Sender = new WantSender(this);
        Answers = new AnswerHandler(this);
        Timeouts = new LinkTimeouts(this);
        Ticks = new SessionTicks(this);
        Exhaustion = new Exhaustion(this);
        Searches = new ProviderSearches(this);
        EndGame = new EndGame(this);
        Redials = new Redials(this);
    }

    public EngineContext Context { get; }

    public Dictionary<Multihash, ClientWant> Wants { get; } = [];

    public Dictionary<long, Interest> Interests { get; } = [];

    public RecentSet Recent { get; }

    /// <summary>Connected peers that cannot be asked, and why.</summary>
    public Dictionary<PeerId, PeerAnswer> Unfit { get; } = [];

    public SessionBook Sessions { get; }

    public WantEnding Ending { get; }

    public LocalLookup Lookup { get; }

    public PeerChoice Choice { get; }

    public SessionPump Pump { get; }

    public Placement Placement { get; }

    public WantSender Sender { get; }

    public AnswerHandler Answers { get; }

    public LinkTimeouts Timeouts { get; }

    public SessionTicks Ticks { get; }

    public Exhaustion Exhaustion { get; }

    public ProviderSearches Searches { get; }

    public EndGame EndGame { get; }

    public Redials Redials { get; }

    /// <summary>Wants that nobody is left to be asked for.</summary>
    public Chain<ClientWant> Parked { get; } = new();

    public void Want(WantRequest request)
    {
        if (Interests.ContainsKey(request.Id))
        {
            throw new ArgumentException($"A want with id {request.Id} is open.", nameof(request));
        }

        if (request is { LocalOnly: true, SkipStore: true })
        {
            throw new ArgumentException("A want cannot skip the store and ask nobody else.", nameof(request));
        }

        if (Interests.Count >= Context.Options.MaxWants)
        {
            Ending.Refuse(request.Id, WantEndReason.TooManyWants);
            return;
        }

        if (BlockRule.Check(request.Cid) is { } refusal)
        {
            Ending.Refuse(request.Id, WantEndReason.Refused, refusal.Message);
            return;
        }

        if (KnownBlock.TryGet(request.Cid.Hash, out ReadOnlyMemory<byte> known))
        {
            Ending.AnswerKnown(request, known);
            return;
        }

        bool isNew = !Wants.TryGetValue(request.Cid.Hash, out ClientWant? want);
        if (want is null)
        {
            want = new ClientWant(request.Cid, ++_lastSequence, Context.Now);
            Wants.Add(want.Hash, want);
        }
        else if (request.LocalOnly && want.StoreMissed && want.State is not (WantState.Looking or WantState.Storing))
        {
            // The store was found not to have it, and whatever is added to the store ends the want.
            Ending.Refuse(request.Id, WantEndReason.NotFound);
            return;
        }

        Session session = Sessions.Join(request);
        var interest = new Interest(request, want, session, this);
        Interests.Add(request.Id, interest);
        want.Interests.Add(interest);
        want.Weigh();
        if (request.Deadline is { } deadline)
        {
            Context.Timers.Schedule(interest, deadline);
        }

        if (isNew && request.SkipStore)
        {
            Placement.MakeFresh(want);
        }
        else if (isNew || (!request.SkipStore && !want.StoreMissed && want.State is not (WantState.Looking or WantState.Storing)))
        {
            // Whoever skipped the store is asked for again when it has answered.
            Placement.Withdraw(want);
            want.State = WantState.Looking;
            Lookup.Add(want);
        }
        else
        {
            Placement.InterestJoined(interest);
        }
    }

    public void CancelWant(long id)
    {
        if (Interests.TryGetValue(id, out Interest? interest))
        {
            Ending.End(interest, WantEndReason.Cancelled);
        }
    }

    public void CancelCid(Cid cid)
    {
        if (Wants.TryGetValue(cid.Hash, out ClientWant? want))
        {
            Ending.EndAll(want, WantEndReason.Cancelled, null);
        }
    }

    /// <summary>The store got a block from elsewhere: nobody is asked any more, it is read.</summary>
    public void BlockAdded(Cid cid, int size)
    {
        if (!Wants.TryGetValue(cid.Hash, out ClientWant? want))
        {
            return;
        }

        want.StoreMissed = false;
        if (want.State == WantState.Looking)
        {
            want.AddedSize = size;
        }
        else if (want.State != WantState.Storing && want.TakesFromStore())
        {
            Placement.Withdraw(want);
            Lookup.Found(want, size);
        }
    }

    public void PeerConnected(Peer peer)
    {
        Redials.PeerCame(peer.Id);
        Sessions.PeersChanged();
        Placement.PeerCame(peer.Link);
    }

    public void PeerDisconnected(Peer peer, PeerLoss loss)
    {
        Context.Timers.Remove(peer.Link);
        Sessions.PeerLeft(peer.Link);

        // First, so that no want ends for want of a peer that is about to be dialled.
        Redials.PeerLost(peer, loss);
        Placement.PeerLeft(peer.Link, loss);
    }

    /// <summary>Makes actions of what was decided since the last call.</summary>
    public void Flush()
    {
        Lookup.Flush();
        Searches.Flush();

        // Placing one session's wants may make room for another's. Should that go on, the rest follows with the next call.
        for (int i = 0; i < PumpRounds && Pump.HasWork; i++)
        {
            Pump.Run();
        }

        EndGame.Run();
        Sender.Flush();
    }
}
