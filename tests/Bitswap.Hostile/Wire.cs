using Google.Protobuf;

namespace Bitswap.Hostile;

/// <summary>Protobuf messages that nothing but an attack writes.</summary>
internal static class Wire
{
    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }

    public static void Write(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    public static void Write(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }

    /// <summary>A message with its length before it.</summary>
    public static byte[] Frame(byte[] message) => Message(output => output.WriteBytes(ByteString.CopyFrom(message)));
}
