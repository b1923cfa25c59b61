namespace Bitswap.Protocol.Wire;

/// <summary>The forms of a protobuf value (protobuf encoding guide, "Message Structure").</summary>
internal enum ProtoWireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
