using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Represents the half of the engine that wants. Its modules, each of which owns its state and knows only those above it in the constructor: timeouts, sessions, requests, searches, and
/// on top the wants themselves (<see cref="Client.Wants"/>), which say what happens next.
/// </summary>
internal sealed class ClientSide
{
    private const int SchedulerRounds = 4;

    private readonly Timeouts _timeouts;
    private readonly EndGame _endGame;
    private readonly TimeoutHandler _handler;

    public ClientSide(EngineContext context)
    {
        var timeouts = _timeouts = new Timeouts(context);
        Sessions = new Sessions(context, timeouts);
        Sender = new WantlistSender(context, timeouts);
        Requests = new RequestTable(context, Sender);
        Searches = new ProviderSearches(context, Requests, timeouts);
        Redials = new Redials(context, Sessions, timeouts);
        Policy = new NotFoundPolicy(context, Requests, Redials);
        Report = new WantReport(context, Requests, Redials, Policy);
        _endGame = new EndGame(context, Requests, timeouts);
        Wants = new Wants(context, Sessions, Requests, new PeerSelector(context, Requests), _endGame, Searches, Policy, Report, timeouts);
        Answers = new AnswerHandler(context, Wants, Requests, Sender, _endGame, new PromisedBlocks(Requests), timeouts);
        _handler = new TimeoutHandler(context, timeouts, Wants, Requests, Sender, Redials, _endGame);
    }

    public Sessions Sessions { get; }

    public WantlistSender Sender { get; }

    public RequestTable Requests { get; }

    public ProviderSearches Searches { get; }

    public Redials Redials { get; }

    public NotFoundPolicy Policy { get; }

    public WantReport Report { get; }

    public Wants Wants { get; }

    public AnswerHandler Answers { get; }

    /// <summary>Goes on with a peer that connected, and was added to <see cref="Requests"/>.</summary>
    public void PeerConnected(PeerRequests requests)
    {
        Redials.PeerCame(requests.Id);
        Wants.PeerCame(requests);
    }

    /// <summary>Removes a peer that is gone.</summary>
    public void PeerDisconnected(PeerRequests peer, PeerLoss loss)
    {
        _timeouts.Disarm(peer);
        Requests.Disconnect(peer);
        Sessions.PeerLeft(peer);

        // First, so that no want ends for want of a peer that is about to be dialled.
        Redials.PeerLost(peer.Id, peer.Performance.FirstResponses > 0, loss);
        Wants.PeerLeft(peer, loss);
    }

    /// <summary>Notes that a peer is connected and cannot be asked.</summary>
    public void PeerUnfit(PeerAnswer why)
    {
        Policy.AddUnfit(why);
        Wants.LessHope();
    }

    /// <summary>Notes that a dial failed.</summary>
    public void ConnectFailed(long requestId, PeerId peer, PeerAnswerKind kind, string detail, bool isFinal)
    {
        if (Redials.Failed(requestId, peer, kind, detail, isFinal))
        {
            Wants.LessHope();
        }
    }

    /// <summary>Does what a timer was set for; false when it is not one of this half.</summary>
    public bool TryFire(EngineTimer timer) => _handler.TryFire(timer);

    /// <summary>Makes actions of what was decided since the last call.</summary>
    public void Flush()
    {
        Wants.Lookup.Flush();
        Searches.Flush();

        // Giving out one session's wants may make room for another's. Should that go on, the rest follows with the next call.
        for (int i = 0; i < SchedulerRounds && Wants.Scheduler.HasWork; i++)
        {
            Wants.Scheduler.Run();
        }

        _endGame.Run();
        Sender.Flush();
    }
}
