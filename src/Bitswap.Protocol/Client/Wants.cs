using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Keeps our wants, and says what happens next to each: every event that a want may meet has its method here, which moves the state machine (<see cref="ClientWant"/>) on. Whom a want
/// is asked of is for <see cref="WantScheduler"/> to decide. How callers come and go, and how wants end, is in the other parts of this class.
/// </summary>
internal sealed partial class Wants
{
    private readonly EngineContext _context;
    private readonly Sessions _sessions;
    private readonly RequestTable _requests;
    private readonly ProviderSearches _searches;
    private readonly NotFoundPolicy _policy;
    private readonly WantReport _report;
    private readonly Timeouts _timeouts;

    private readonly Dictionary<Multihash, ClientWant> _wants = [];
    private readonly Dictionary<long, WantSubscription> _subscriptions = [];
    private readonly Dictionary<long, ClientWant> _storing = [];
    private readonly IntrusiveList<ClientWant> _parked = new();
    private long _lastSequence;

    public Wants(
        EngineContext context, Sessions sessions, RequestTable requests, PeerSelector selector, EndGame endGame, ProviderSearches searches, NotFoundPolicy policy, WantReport report, Timeouts timeouts)
    {
        _context = context;
        _sessions = sessions;
        _requests = requests;
        _searches = searches;
        _policy = policy;
        _report = report;
        _timeouts = timeouts;
        Scheduler = new WantScheduler(context, requests, selector, endGame, NobodyLeft);
        Lookup = new StoreLookup(context, StoreGave, StoreHas, StoreMissed);
    }

    public WantScheduler Scheduler { get; }

    public StoreLookup Lookup { get; }

    /// <summary>Gets the wants by their multihash.</summary>
    public IReadOnlyDictionary<Multihash, ClientWant> All => _wants;

    /// <summary>Gets the subscriptions of all wants by their id.</summary>
    public IReadOnlyDictionary<long, WantSubscription> Subscriptions => _subscriptions;

    /// <summary>Gets how many blocks are being stored.</summary>
    public int StoringCount => _storing.Count;

    /// <summary>Gets the number of wants for which no peer is left to ask.</summary>
    public int ParkedCount => _parked.Count;

    public ClientWant? Find(in Multihash hash) => _wants.GetValueOrDefault(hash);

    /// <summary>Goes on with wants that a peer which connected may be asked for.</summary>
    public void PeerCame(PeerRequests peer)
    {
        Scheduler.RoomOpened();
        ClientWant? next = _parked.First;
        for (int left = _parked.Count; left > 0 && next is not null; left--)
        {
            ClientWant want = next;
            next = want.Next;
            if (want.MayAsk(peer.Id))
            {
                Unpark(want);
                Scheduler.Advance(want);
            }
        }
    }

    /// <summary>Goes on with what a peer that is gone was asked for.</summary>
    public void PeerLeft(PeerRequests peer, PeerLoss loss)
    {
        var requests = new PeerRequest[peer.ByHash.Count];
        peer.ByHash.Values.CopyTo(requests, 0);
        foreach (PeerRequest request in requests)
        {
            PeerAnswer? said = request.WasTold ? request.Describe(_context.Now, loss) : null;
            _requests.Release(request, withdraw: false);
            if (said is not null)
            {
                request.Want.Remember(said);
            }
        }

        foreach (PeerRequest request in requests)
        {
            ClientWant want = request.Want;
            if (want.State == WantState.Parked)
            {
                if (Scheduler.AnyPeerFor(want))
                {
                    // The others had said no, and it was this one that was waited for.
                    EndHopeless(want);
                }
                else
                {
                    Unpark(want);
                    AwaitPeer(want);
                }
            }
            else if (want.State == WantState.Active && want.BlockRequest is null)
            {
                // Back in the queue, so that those that are left share what this peer had: unless a peer said that it has it, or may yet.
                if (want.OpenRequests == 0 && !want.IsPromised())
                {
                    AwaitPeer(want);
                }
                else
                {
                    Scheduler.Advance(want);
                }
            }
        }
    }

    /// <summary>Goes on with a want of which a peer said HAVE.</summary>
    public void PeerHas(ClientWant want, PeerId peer, TimeSpan latency)
    {
        SatisfyHaves(want, peer, latency);
        if (want.State == WantState.AwaitingBroadcast)
        {
            want.Activate();
        }
        else if (want.State == WantState.Parked && !want.Searching)
        {
            Unpark(want);
        }

        Scheduler.Advance(want);
    }

    /// <summary>Goes on with a want that a peer said DONT_HAVE to.</summary>
    public void PeerHasNot(PeerRequest request)
    {
        _sessions.Missed(request);
        Scheduler.Advance(request.Want);
        EndIfHopeless(request.Want);
    }

    /// <summary>Goes on with a want that a peer was silent to for too long: silence is taken for DONT_HAVE, though it ends no want.</summary>
    public void FellSilent(PeerRequest request)
    {
        request.FellSilent(_context.Now);
        _context.Counters.SimulatedDontHaves++;
        bool block = request.Told == WantType.Block;
        if (!request.IsQueued || request.IsRepetition)
        {
            _requests.Close(request);
        }

        if (block)
        {
            request.Peer.FellSilent(wholly: !request.Peer.WasPassedOver(request));
            _sessions.Missed(request);
        }

        Scheduler.Advance(request.Want);
        EndIfHopeless(request.Want);
    }

    /// <summary>Goes on with a want for word of a block, of which a peer sent the block itself: some do (py-libp2p; boxo when it is small).</summary>
    public void WordCameAsBlock(ClientWant want, PeerId from, TimeSpan latency)
    {
        SatisfyHaves(want, from, latency);
        Scheduler.Advance(want);
    }

    /// <summary>Goes on with a want that providers were searched for.</summary>
    public void SearchAnswered(long requestId, IReadOnlyList<PeerId> peers, bool finished)
    {
        if (_searches.Answered(requestId, peers, finished) is not { } want)
        {
            return;
        }

        if (want.State == WantState.Parked)
        {
            Unpark(want);
            Scheduler.Advance(want);
        }
        else if (want.State == WantState.Fresh)
        {
            NoPeerYet(want);
        }
    }

    /// <summary>
    /// Goes on with a session that nothing was heard for: all peers are asked for what is overdue, and on the first tick of a run providers are searched for (boxo, session.go).
    /// </summary>
    public void Stuck(Session session)
    {
        bool search = session.TicksInRow == 1 && _context.Options.ProviderSearch && session.OnlyPeers is null;
        ClientWant? searched = null;
        int left = _context.Options.BroadcastWindow;
        for (int i = 0; i < session.Peers.Count && left > 0; i++)
        {
            PeerRequest? next;
            for (PeerRequest? request = session.Peers[i].Requests.Live.First; request is not null && left > 0; request = next, left--)
            {
                next = request.Next;
                ClientWant want = request.Want;
                if (want.State == WantState.Active && want.HasSubscriptionIn(session))
                {
                    searched ??= want;
                    Scheduler.AskUnasked(want);
                }
            }
        }

        if (!search)
        {
            return;
        }

        if (searched is null && session.Fresh.TryPeek(out ClientWant? fresh))
        {
            searched = fresh;
        }

        for (ClientWant? want = _parked.First; want is not null && searched is null && left-- > 0; want = want.Next)
        {
            searched = want.HasSubscriptionIn(session) ? want : null;
        }

        if (searched is not null && !searched.Exclusive)
        {
            _searches.Request(searched);
        }
    }

    /// <summary>Ends wants that nothing is left to hope for: a peer that was waited for could not be reached.</summary>
    public void LessHope()
    {
        foreach (ClientWant want in _wants.Values.Where(static want => want.State is WantState.Parked or WantState.Fresh).ToArray())
        {
            if (want.State is WantState.Parked or WantState.Fresh)
            {
                EndHopeless(want);
            }
        }
    }

    /// <summary>Queues a want for a peer that has room.</summary>
    private void AwaitPeer(ClientWant want)
    {
        Scheduler.Enqueue(want);
        NoPeerYet(want);
    }

    /// <summary>Where no peer is on the way that a want could wait for, searches for one at once, or ends what is to fail fast.</summary>
    private void NoPeerYet(ClientWant want)
    {
        if (!Scheduler.AnyPeerFor(want))
        {
            _policy.SeekLost(want);
        }

        if (!_policy.GivesUpWithoutPeers)
        {
            return;
        }

        if (_context.Options.FailFastWithoutPeers && _requests.PeerCount == 0 && _policy.MaySearch(want))
        {
            _searches.Request(want);
            return;
        }

        EndHopeless(want);
    }

    /// <summary>Parks a want that all who may be asked said no to, or queues it where there is none, and searches for providers.</summary>
    private void NobodyLeft(ClientWant want)
    {
        if (!Scheduler.AnyPeerFor(want))
        {
            AwaitPeer(want);
            return;
        }

        Scheduler.LeaveBroadcast(want);
        want.Park();
        _parked.Append(want);
        _policy.SeekLost(want);
        if (_policy.MaySearch(want))
        {
            _searches.Request(want);
            return;
        }

        EndHopeless(want);
    }

    private void Unpark(ClientWant want)
    {
        _parked.Remove(want);
        want.Activate();
    }

    /// <summary>Ends all requests for a want, wherever it is on its way.</summary>
    private void Withdraw(ClientWant want)
    {
        Scheduler.LeaveBroadcast(want);
        want.Unqueue();
        if (want.State == WantState.Parked)
        {
            Unpark(want);
        }

        Scheduler.Withdraw(want);
    }
}
