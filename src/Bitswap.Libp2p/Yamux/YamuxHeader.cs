using System.Buffers.Binary;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>Represents the twelve bytes before every frame, big-endian (yamux spec, "Framing").</summary>
internal readonly record struct YamuxHeader(YamuxFrameType Type, YamuxFlags Flags, uint StreamId, uint Length)
{
    public const int Size = 12;

    private const byte ProtocolVersion = 0;

    public bool Has(YamuxFlags flag) => (Flags & flag) != 0;

    public void Write(Span<byte> destination)
    {
        destination[0] = ProtocolVersion;
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StreamId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Length);
    }

    /// <summary>Reads a header and checks what can be checked without knowing the session.</summary>
    /// <exception cref="Libp2pException">ProtocolViolation: no peer that follows the specification sends this header.</exception>
    public static YamuxHeader Read(ReadOnlySpan<byte> source)
    {
        if (source[0] != ProtocolVersion)
        {
            throw Violation($"yamux version {source[0]}");
        }
        if (source[1] > (byte)YamuxFrameType.GoAway)
        {
            throw Violation($"yamux frame type {source[1]}");
        }
        var header = new YamuxHeader(
            (YamuxFrameType)source[1],
            (YamuxFlags)BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
        bool wellFormed = header.Type switch
        {
            YamuxFrameType.Ping => header.StreamId == 0 && header.Flags is YamuxFlags.Syn or YamuxFlags.Ack,
            YamuxFrameType.GoAway => header.StreamId == 0 && header.Flags == YamuxFlags.None,
            _ => header.StreamId != 0 && (header.Flags & ~YamuxFlags.All) == 0
                && (header.Flags & (YamuxFlags.Syn | YamuxFlags.Ack)) != (YamuxFlags.Syn | YamuxFlags.Ack),
        };
        return wellFormed
            ? header
            : throw Violation($"a yamux {header.Type} frame with flags 0x{(ushort)header.Flags:x4} for stream {header.StreamId}");
    }

    public static Libp2pException Violation(string what) =>
        new(Libp2pErrorIds.ProtocolViolation, $"The peer broke the yamux protocol: {what}.");
}

/// <summary>Specifies what a frame is for (yamux spec, "Type Field").</summary>
internal enum YamuxFrameType : byte
{
    Data = 0,
    WindowUpdate = 1,
    Ping = 2,
    GoAway = 3,
}

/// <summary>Specifies what a frame says besides its type (yamux spec, "Flag Field").</summary>
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

/// <summary>Specifies why a session ends (yamux spec, "Session termination").</summary>
internal enum YamuxGoAwayCode : uint
{
    Normal = 0,
    ProtocolError = 1,
    InternalError = 2,
}
