using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Defines every message of the DHT client. Event ids 2900 to 2999 are its part of this room's; an id is never reused.</summary>
internal static partial class KademliaLog
{
    [LoggerMessage(2900, LogLevel.Debug, "The DHT peer {Peer} gave no answer.")]
    public static partial void PeerFailed(ILogger logger, string peer, Exception error);

    [LoggerMessage(2901, LogLevel.Debug, "A DHT query ({Request}) ended: {Answered} of {Asked} peers answered, converged: {Converged}.")]
    public static partial void QueryEnded(ILogger logger, KademliaRequest request, int answered, int asked, bool converged);
}
