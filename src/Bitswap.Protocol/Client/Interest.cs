using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>One caller's share in a want. As a timer: its deadline.</summary>
internal sealed class Interest(WantRequest request, ClientWant want, Session session, ClientSide client) : EngineTimer
{
    public long Id => request.Id;

    public Cid Cid => request.Cid;

    public int Priority => request.Priority;

    public bool WantsBlock => request.Type == WantType.Block;

    /// <summary>Since when its caller counts on peers: since its session began, or since it was made where it has none.</summary>
    public TimeSpan Began { get; } = session.Id == 0 ? client.Context.Now : session.Began;

    public bool FailFast => request.FailFast;

    public bool LocalOnly => request.LocalOnly;

    public bool SkipStore => request.SkipStore;

    public ClientWant Want => want;

    public Session Session => session;

    /// <summary>
    /// Whether a block from there, that is stored by now, answers it; null is the store itself. Who asked certain peers for word waits for theirs.
    /// </summary>
    public bool IsAnsweredBy(PeerId? from) => from is null ? !SkipStore : WantsBlock || LocalOnly || session.Allows(from);

    internal override void Fire(TimeSpan now) => client.Ending.TimedOut(this);
}
