namespace Bitswap.Multiformats.Protobuf;

/// <summary>The number of a field and how its value is written.</summary>
internal readonly record struct ProtobufTag(int Field, ProtobufWireType Type);

/// <summary>How the value of a field is written (protobuf encoding guide, "Message Structure").</summary>
internal enum ProtobufWireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
