namespace Bitswap.Libp2p.Yamux;

/// <summary>What a frame is for (yamux spec, "Type Field").</summary>
internal enum YamuxFrameType : byte
{
    Data = 0,
    WindowUpdate = 1,
    Ping = 2,
    GoAway = 3,
}
