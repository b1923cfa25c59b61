namespace Bitswap.Protocol.Wire;

/// <summary>A protobuf field's number and the form of its value.</summary>
internal readonly record struct ProtoTag(int Field, ProtoWireType Type);
