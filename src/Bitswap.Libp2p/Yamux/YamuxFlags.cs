namespace Bitswap.Libp2p.Yamux;

/// <summary>What a frame says besides its type (yamux spec, "Flag Field").</summary>
[Flags]
internal enum YamuxFlags : ushort
{
    None = 0,
    Syn = 1,
    Ack = 2,
    Fin = 4,
    Rst = 8,
    All = Syn | Ack | Fin | Rst,
}
