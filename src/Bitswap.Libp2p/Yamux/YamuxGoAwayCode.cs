namespace Bitswap.Libp2p.Yamux;

/// <summary>Why a session ends (yamux spec, "Session termination").</summary>
internal enum YamuxGoAwayCode : uint
{
    Normal = 0,
    ProtocolError = 1,
    InternalError = 2,
}
