using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>When a peer of the session will have been slow for too long.</summary>
internal sealed class EndGameTimer(Session session, ClientSide client) : EngineTimer
{
    internal override void Fire(TimeSpan now) => client.EndGame.Mark(session);
}
