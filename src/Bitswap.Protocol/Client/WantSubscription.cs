using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>Represents one caller's share in a want. As a timer: its deadline.</summary>
internal sealed class WantSubscription(WantRequest request, ClientWant want, Session session, TimeSpan now) : EngineTimer
{
    public long Id => request.Id;

    public Cid Cid => request.Cid;

    public int Priority => request.Priority;

    public bool WantsBlock => request.Type == WantType.Block;

    /// <summary>Gets since when its caller counts on peers: since its session began, or since it was made where it has none.</summary>
    public TimeSpan Began { get; } = session.Id == 0 ? now : session.Began;

    public bool FailFast => request.FailFast;

    public bool LocalOnly => request.LocalOnly;

    public bool SkipStore => request.SkipStore;

    public ClientWant Want => want;

    public Session Session => session;

    /// <summary>
    /// Returns whether a block from there, that is stored by now, answers it; null is the store itself. Who asked certain peers for word waits for theirs.
    /// </summary>
    public bool IsAnsweredBy(PeerId? from) => from is null ? !SkipStore : WantsBlock || LocalOnly || session.Allows(from);
}

/// <summary>Specifies where a want of ours is on its way. <see cref="ClientWant"/> has the transitions.</summary>
internal enum WantState
{
    /// <summary>The store is asked.</summary>
    Looking,

    /// <summary>In the queue of its sessions, held back until a peer has room.</summary>
    Fresh,

    /// <summary>Peers are asked.</summary>
    Active,

    /// <summary>In the queue for a broadcast.</summary>
    AwaitingBroadcast,

    /// <summary>All that may be asked said no; waits for a new peer, a change of mind, or a provider search.</summary>
    Parked,

    /// <summary>The block came and is being stored.</summary>
    Storing,

    /// <summary>Over.</summary>
    Ended,
}
