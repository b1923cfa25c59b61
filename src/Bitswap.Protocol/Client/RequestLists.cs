using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Represents requests of one peer, oldest first. A request is in one list at most, and knows in which.</summary>
internal sealed class RequestList
{
    private readonly IntrusiveList<PeerRequest> _requests = new();

    public PeerRequest? First => _requests.First;

    public PeerRequest? Last => _requests.Last;

    public int Count => _requests.Count;

    /// <summary>Gets the oldest request that time has not run out for; only of use in a list that is timed.</summary>
    public PeerRequest? Cursor { get; private set; }

    public void Append(PeerRequest request)
    {
        request.List?.Remove(request);
        request.List = this;
        _requests.Append(request);
        Cursor ??= request;
    }

    public void Remove(PeerRequest request)
    {
        if (Cursor == request)
        {
            Cursor = request.Next;
        }

        _requests.Remove(request);
        request.List = null;
    }

    /// <summary>Moves the cursor to the next request.</summary>
    public void Advance() => Cursor = Cursor?.Next;
}

/// <summary>
/// Represents the requests of one peer that it answered with DONT_HAVE. It may get the block and say nothing (Helia), or have dropped the want to make room (boxo), so it
/// is asked again, after pauses that double from request to request up to a bound. As there are few pauses, each has its queues, which are in order of time: one of requests that are in the
/// peer's list, and one of those that were withdrawn to make room for others.
/// </summary>
internal sealed class DeniedRequests
{
    private readonly TimeSpan[] _pauses;
    private readonly RequestList[] _onWire;
    private readonly RequestList[] _setAside;

    public DeniedRequests(TimeSpan first, TimeSpan last)
    {
        var pauses = new List<TimeSpan>();
        for (TimeSpan pause = first; pause < last; pause *= 2)
        {
            pauses.Add(pause);
        }

        _pauses = [.. pauses, last];
        _onWire = [.. _pauses.Select(static _ => new RequestList())];
        _setAside = [.. _pauses.Select(static _ => new RequestList())];
    }

    /// <summary>Gets when one is to be asked again; null when there is none.</summary>
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

    public bool Holds(PeerRequest request) => request.List is { } list && (_onWire.Contains(list) || _setAside.Contains(list));

    /// <summary>Adds a request that the peer denied, or was told again of.</summary>
    public void Add(PeerRequest request, TimeSpan now)
    {
        int level = Math.Min((int)request.TimesAskedAgain, _pauses.Length - 1);
        request.AskAgain(now + _pauses[level]);
        (request.OnWire ? _onWire : _setAside)[level].Append(request);
    }

    /// <summary>Takes one that it is time to ask again.</summary>
    public bool TryTakeDue(TimeSpan now, [NotNullWhen(true)] out PeerRequest? request)
    {
        for (int i = 0; i < _pauses.Length; i++)
        {
            request = _setAside[i].First is { } aside && aside.AskAgainAt <= now ? aside : _onWire[i].First;
            if (request is not null && request.AskAgainAt <= now)
            {
                request.List!.Remove(request);
                request.AskedAgain();
                return true;
            }
        }

        request = null;
        return false;
    }

    /// <summary>
    /// Returns one that can make room in the peer's list: of those denied most often, the one that is asked again soonest anyway; but none that the message tells of
    /// which the room is for.
    /// </summary>
    public PeerRequest? Spare(long messageId)
    {
        for (int i = _pauses.Length - 1; i >= 0; i--)
        {
            if (_onWire[i].First is { } request && request.MessageId != messageId)
            {
                return request;
            }
        }

        return null;
    }

    /// <summary>Moves one that is no longer in the peer's list; it keeps its time.</summary>
    public void SetAside(PeerRequest request)
    {
        int level = Array.IndexOf(_onWire, request.List);
        _setAside[level].Append(request);
    }

    /// <summary>Moves all: none is in the peer's list any more.</summary>
    public void SetAllAside()
    {
        for (int i = 0; i < _pauses.Length; i++)
        {
            while (_onWire[i].First is { } request)
            {
                _setAside[i].Append(request);
                request.UntellDenied();
            }
        }
    }

    private static TimeSpan? Earlier(TimeSpan? next, PeerRequest? request) => request is null || next <= request.AskAgainAt ? next : request.AskAgainAt;
}

/// <summary>
/// Represents what a peer was told of and has not sent, and is wanted no more: the block may be on its way, so its coming does not count against the peer, as often as it was
/// told. The latest are remembered.
/// </summary>
internal sealed class WithdrawnWants(int capacity)
{
    private readonly Dictionary<Multihash, int> _owed = [];
    private readonly Queue<Multihash> _order = new();

    public int Count => _owed.Count;

    /// <summary>Adds a want that is over, and how often the peer was told of it.</summary>
    public void Add(in Multihash hash, int times)
    {
        if (times <= 0 || capacity == 0)
        {
            return;
        }

        ref int owed = ref CollectionsMarshal.GetValueRefOrAddDefault(_owed, hash, out _);
        owed += times;
        _order.Enqueue(hash);
        while (_order.Count > capacity)
        {
            // One that was added again since gives way a little early.
            _owed.Remove(_order.Dequeue());
        }
    }

    /// <summary>Returns whether a block that is not wanted was asked of the peer lately; each time that it was told excuses one.</summary>
    public bool TryTake(in Multihash hash)
    {
        ref int owed = ref CollectionsMarshal.GetValueRefOrNullRef(_owed, hash);
        if (Unsafe.IsNullRef(ref owed))
        {
            return false;
        }

        if (--owed == 0)
        {
            _owed.Remove(hash);
        }

        return true;
    }
}
