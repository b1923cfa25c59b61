using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>
/// What time does to the asks of a link. Silence counts from when the want was sent or the peer last answered anything, whichever is later: a
/// peer that is busy with what was asked before is not silent. Unless it answered so much else meanwhile that it must have passed this want over.
/// </summary>
internal sealed class LinkTimeouts(ClientSide client)
{
    private const int MostDoublings = 5;

    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    // How soon a peer that breaks off again and again is asked again: 250 ms, doubled up to 8 s.
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);

    private EngineContext Context => client.Context;

    /// <summary>
    /// A stream broke off, and what it was to bring is lost although the peer may count it as sent. It is asked for again at once, and after growing pauses when
    /// the peer breaks off again without having sent a block.
    /// </summary>
    public void StreamBroke(PeerLink link, PeerAnswerKind how)
    {
        link.DidWrong(how);
        if (link.Live.First is null)
        {
            return;
        }

        TimeSpan pause = link.BrokenStreams == 0 ? TimeSpan.Zero : _firstPause * (1 << Math.Min(link.BrokenStreams - 1, MostDoublings));
        link.BrokenStreams++;
        link.AskAgainAt ??= Context.Now + pause;
        if (pause == TimeSpan.Zero)
        {
            AskAgain(link);
        }

        Reschedule(link);
    }

    public void LinkFired(PeerLink link)
    {
        TimeSpan now = Context.Now;
        if (link.RetryAt <= now)
        {
            client.Sender.MarkDirty(link);
        }

        if (link.AskAgainAt <= now)
        {
            AskAgain(link);
        }

        while (link.Live.Cursor is { } ask)
        {
            if (ask.Answer != AskAnswer.None)
            {
                link.Live.Cursor = ask.Next;
                continue;
            }

            if (SilentFrom(ask) > now)
            {
                break;
            }

            link.Live.Cursor = ask.Next;
            FellSilent(ask);
        }

        TimeSpan resend = Context.Options.ResendInterval;
        while (link.Live.First is { } oldest && oldest.SentAt + resend <= now)
        {
            oldest.SentAt = now;
            link.Live.Append(oldest);
            AskBook.Repeat(client, oldest);
        }

        while (link.Denied.TryTakeDue(now, out PeerWant? denied))
        {
            AskBook.Repeat(client, denied);
        }

        Reschedule(link);
    }

    public void Reschedule(PeerLink link)
    {
        TimeSpan next = TimeSpan.MaxValue;
        if (link.RetryAt > Context.Now)
        {
            next = link.RetryAt;
        }

        if (link.AskAgainAt is { } again)
        {
            next = Earlier(next, again);
        }

        if (link.Live.Cursor is { } ask)
        {
            next = Earlier(next, SilentFrom(ask));
        }

        if (link.Live.First is { } oldest)
        {
            next = Earlier(next, oldest.SentAt + Context.Options.ResendInterval);
        }

        if (link.Denied.Next is { } denied)
        {
            next = Earlier(next, denied);
        }

        if (next < TimeSpan.MaxValue && link.Peer.IsConnected)
        {
            Context.Timers.ScheduleBy(link, next > Context.Now ? next : Context.Now + _tick);
        }
    }

    /// <summary>Tells the peer once more of what was asked before its stream broke off and is not answered.</summary>
    private void AskAgain(PeerLink link)
    {
        link.AskAgainAt = null;
        while (link.Live.First is { } ask && ask.SentAt <= link.FaultAt)
        {
            AskBook.AskAfresh(client, ask);
        }
    }

    private TimeSpan SilentFrom(PeerWant ask)
    {
        PeerLink link = ask.Link;
        TimeSpan heard = WasPassedOver(ask) || ask.SentAt > link.LastProgress ? ask.SentAt : link.LastProgress;
        return heard + link.Timeout;
    }

    private bool WasPassedOver(PeerWant ask) => ask.Link.AnswerCount - ask.AnswersBefore > 2L * Context.Options.MaxOutstandingWants;

    private void FellSilent(PeerWant ask)
    {
        ask.Answer = AskAnswer.Simulated;
        ask.AnsweredAt = Context.Now;
        Context.Counters.SimulatedDontHaves++;
        if (ask.Promised)
        {
            ask.BrokenPromises++;
        }

        bool block = ask.Told == WantType.Block;
        if (!(ask.IsQueued && !ask.IsRepetition))
        {
            AskBook.Close(client, ask);
        }

        if (block)
        {
            ask.Link.FellSilent(wholly: !WasPassedOver(ask));
            client.Answers.Missed(ask);
        }

        client.Placement.Advance(ask.Want);
        client.Exhaustion.AfterNo(ask.Want);
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
