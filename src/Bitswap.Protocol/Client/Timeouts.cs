using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Specifies the deadlines of one peer. They share one timer, which is set for the earliest.</summary>
internal enum PeerTimeout
{
    /// <summary>The pause after a message that could not be sent is over.</summary>
    SendRetry,

    /// <summary>What a broken stream was to bring is asked for again.</summary>
    BrokenStream,

    /// <summary>Silence counts for the answer to the oldest request.</summary>
    Silence,

    /// <summary>The oldest request without an answer is repeated.</summary>
    Resend,

    /// <summary>A peer that said DONT_HAVE is asked again.</summary>
    DeniedRetry,
}

/// <summary>Arms every deadline of the client half of the engine. What happens when one comes is in <see cref="TimeoutHandler"/>.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>deadline</term><description>armed by; due; what it does</description></listheader>
/// <item><term>want (<see cref="WantSubscription"/>)</term><description>a want with a deadline; at the deadline; ends the want with Timeout</description></item>
/// <item><term>session tick (<see cref="Session"/>)</term><description>the first want of a session; when nothing was heard for <see cref="Session.TickInterval"/>; asks all peers for what is
/// overdue, and searches for providers on the first tick in a row</description></item>
/// <item><term>end game (<see cref="EndGameTimer"/>)</term><description>a peer that is slow, while another is done; when moving its wants will pay; looks at the session again</description></item>
/// <item><term>send retry (<see cref="PeerTimeout.SendRetry"/>)</term><description>a failed send; after <see cref="EngineOptions.SendRetryDelay"/>; sends the wantlist anew</description></item>
/// <item><term>broken stream (<see cref="PeerTimeout.BrokenStream"/>)</term><description>a stream that broke off; at once, then after pauses that double; asks again for what had not
/// come</description></item>
/// <item><term>silence (<see cref="PeerTimeout.Silence"/>)</term><description>a request that was sent; after <see cref="PeerRequests.Timeout"/> without any answer of the peer; moves the want
/// on, as DONT_HAVE does</description></item>
/// <item><term>resend (<see cref="PeerTimeout.Resend"/>)</term><description>a request that was sent; after <see cref="EngineOptions.ResendInterval"/>; tells the peer again</description></item>
/// <item><term>denied retry (<see cref="PeerTimeout.DeniedRetry"/>)</term><description>DONT_HAVE; after pauses that double from <see cref="EngineOptions.DeniedRetryDelay"/>; asks
/// again</description></item>
/// <item><term>provider search (<see cref="ProviderSearch"/>)</term><description>a search; after <see cref="EngineOptions.ProviderSearchTimeout"/>; ends the search without an
/// answer</description></item>
/// <item><term>redial (<see cref="LostPeer"/>)</term><description>a lost peer that is wanted; after a quarter of the time that it is missed; dials it</description></item>
/// </list>
/// </remarks>
internal sealed class Timeouts(EngineContext context)
{
    // As few as there are, each is looked up when a peer's timer is set: that costs less than keeping them in order.
    private static readonly PeerTimeout[] _ofPeer = Enum.GetValues<PeerTimeout>();

    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    public void ArmDeadline(WantSubscription subscription, TimeSpan deadline) => context.Timers.Schedule(subscription, deadline);

    public void ArmTick(Session session) => context.Timers.Schedule(session, session.LastHeard + session.TickInterval(context.Options));

    public void ArmEndGame(Session session, TimeSpan due) => context.Timers.Schedule(session.EndGameTimer, due);

    public void ArmSearch(ProviderSearch search) => context.Timers.Schedule(search, context.Now + context.Options.ProviderSearchTimeout);

    public void ArmRedial(LostPeer lost, TimeSpan pause) => context.Timers.Schedule(lost, context.Now + pause);

    public void Disarm(EngineTimer timer) => context.Timers.Remove(timer);

    /// <summary>Sets the timer of a peer for the earliest of its deadlines. It is never put off: one that fires early finds that out and is set anew.</summary>
    public void Arm(PeerRequests peer)
    {
        TimeSpan next = TimeSpan.MaxValue;
        foreach (PeerTimeout timeout in _ofPeer)
        {
            if (DueAt(peer, timeout) is { } due && due < next)
            {
                next = due;
            }
        }

        if (next < TimeSpan.MaxValue && peer.Peer.IsConnected)
        {
            context.Timers.ScheduleBy(peer, next > context.Now ? next : context.Now + _tick);
        }
    }

    private TimeSpan? DueAt(PeerRequests peer, PeerTimeout timeout) => timeout switch
    {
        PeerTimeout.SendRetry => peer.RetryAt > context.Now ? peer.RetryAt : null,
        PeerTimeout.BrokenStream => peer.AskAgainAt,
        PeerTimeout.Silence => peer.Live.Cursor is { } request ? peer.SilentFrom(request) : null,
        PeerTimeout.Resend => peer.Live.First is { } oldest ? oldest.SentAt + context.Options.ResendInterval : null,
        _ => peer.Denied.Next,
    };
}

/// <summary>Does what is due: the other half of the table in <see cref="Timeouts"/>.</summary>
internal sealed class TimeoutHandler(
    EngineContext context, Timeouts timeouts, Wants wants, RequestTable requests, WantlistSender sender, Redials redials, EndGame endGame)
{
    /// <summary>Does what a timer of the client half was set for; false when the timer is another's.</summary>
    public bool TryFire(EngineTimer timer)
    {
        switch (timer)
        {
            case PeerRequests peer:
                Fire(peer);
                return true;
            case WantSubscription subscription:
                wants.End(subscription, WantEndReason.Timeout);
                return true;
            case Session session:
                Fire(session);
                return true;
            case EndGameTimer endGameTimer:
                endGame.Mark(endGameTimer.Session);
                return true;
            case ProviderSearch search:
                wants.SearchAnswered(search.Id, [], finished: true);
                return true;
            case LostPeer lost:
                redials.Due(lost);
                return true;
            default:
                return false;
        }
    }

    private void Fire(Session session)
    {
        if (session.LastHeard + session.TickInterval(context.Options) <= context.Now)
        {
            session.Tick(context.Now);
            wants.Stuck(session);
        }

        timeouts.ArmTick(session);
    }

    private void Fire(PeerRequests peer)
    {
        TimeSpan now = context.Now;
        if (peer.RetryAt <= now)
        {
            sender.Mark(peer);
        }

        if (peer.AskAgainAt <= now)
        {
            requests.AskAgain(peer);
        }

        while (peer.Live.Cursor is { } request && (request.Answer != RequestAnswer.None || peer.SilentFrom(request) <= now))
        {
            peer.Live.Advance();
            if (request.Answer == RequestAnswer.None)
            {
                wants.FellSilent(request);
            }
        }

        while (peer.Live.First is { } oldest && oldest.SentAt + context.Options.ResendInterval <= now)
        {
            if (peer.IsUnheeded(oldest))
            {
                requests.AskAfresh(oldest);
                continue;
            }

            oldest.SentAgain(now);
            sender.Repeat(oldest);
        }

        while (peer.Denied.TryTakeDue(now, out PeerRequest? denied))
        {
            sender.Repeat(denied);
        }

        timeouts.Arm(peer);
    }
}
