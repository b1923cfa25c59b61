using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Protocol.Client;

/// <summary>
/// The asks of one link that the peer has answered with DONT_HAVE. It may get the block and say nothing (Helia), or have dropped the want to make room (boxo), so it
/// is asked again, after pauses that double from ask to ask up to a bound. As there are few pauses, each has its queues, which are in order of time: one of asks that are in the
/// peer's list, and one of those that were withdrawn to make room for others.
/// </summary>
internal sealed class DeniedAsks
{
    private readonly TimeSpan[] _pauses;
    private readonly AskList[] _onWire;
    private readonly AskList[] _setAside;

    public DeniedAsks(TimeSpan first, TimeSpan last)
    {
        var pauses = new List<TimeSpan>();
        for (TimeSpan pause = first; pause < last; pause *= 2)
        {
            pauses.Add(pause);
        }

        _pauses = [.. pauses, last];
        _onWire = [.. _pauses.Select(static _ => new AskList())];
        _setAside = [.. _pauses.Select(static _ => new AskList())];
    }

    /// <summary>When one is to be asked again; null when there is none.</summary>
    public TimeSpan? Next
    {
        get
        {
            TimeSpan? next = null;
            for (int i = 0; i < _pauses.Length; i++)
            {
                next = Earlier(Earlier(next, _onWire[i].First), _setAside[i].First);
            }

            return next;
        }
    }

    public bool Holds(PeerWant ask) => ask.List is { } list && (_onWire.Contains(list) || _setAside.Contains(list));

    /// <summary>The peer said DONT_HAVE, or was told again of what it denied.</summary>
    public void Add(PeerWant ask, TimeSpan now)
    {
        int level = Math.Min((int)ask.TimesAskedAgain, _pauses.Length - 1);
        ask.AskAgainAt = now + _pauses[level];
        (ask.OnWire ? _onWire : _setAside)[level].Append(ask);
    }

    /// <summary>One that it is time to ask again.</summary>
    public bool TryTakeDue(TimeSpan now, [NotNullWhen(true)] out PeerWant? ask)
    {
        for (int i = 0; i < _pauses.Length; i++)
        {
            ask = _setAside[i].First is { } aside && aside.AskAgainAt <= now ? aside : _onWire[i].First;
            if (ask is not null && ask.AskAgainAt <= now)
            {
                ask.List!.Remove(ask);
                ask.TimesAskedAgain = (byte)Math.Min(ask.TimesAskedAgain + 1, byte.MaxValue);
                return true;
            }
        }

        ask = null;
        return false;
    }

    /// <summary>
    /// One that can make room in the peer's list: of those denied most often, the one that is asked again soonest anyway; but none that the message tells of
    /// which the room is for.
    /// </summary>
    public PeerWant? Spare(long messageId)
    {
        for (int i = _pauses.Length - 1; i >= 0; i--)
        {
            if (_onWire[i].First is { } ask && ask.MessageId != messageId)
            {
                return ask;
            }
        }

        return null;
    }

    /// <summary>It is no longer in the peer's list, and keeps its time.</summary>
    public void SetAside(PeerWant ask)
    {
        int level = Array.IndexOf(_onWire, ask.List);
        _setAside[level].Append(ask);
    }

    /// <summary>None is in the peer's list any more.</summary>
    public IEnumerable<PeerWant> SetAllAside()
    {
        for (int i = 0; i < _pauses.Length; i++)
        {
            while (_onWire[i].First is { } ask)
            {
                _setAside[i].Append(ask);
                yield return ask;
            }
        }
    }

    private static TimeSpan? Earlier(TimeSpan? next, PeerWant? ask) => ask is null || next <= ask.AskAgainAt ? next : ask.AskAgainAt;
}
