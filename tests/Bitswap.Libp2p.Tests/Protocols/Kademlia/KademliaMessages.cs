using Bitswap.Libp2p.Protocols.Kademlia;
using Google.Protobuf;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Answers of a DHT peer, written field by field, so that they need not be as the schema has them.</summary>
internal static class KademliaMessages
{
    public static byte[] Answer(
        KademliaRequest type,
        IEnumerable<KademliaPeer>? closer = null,
        IEnumerable<KademliaPeer>? providers = null,
        byte[]? key = null,
        (byte[] Key, byte[] Value)? record = null) => Message(output =>
    {
        Number(output, 1, (int)type);
        if (key is not null)
        {
            Bytes(output, 2, key);
        }
        if (record is { } kept)
        {
            Bytes(output, 3, Message(inner =>
            {
                Bytes(inner, 1, kept.Key);
                Bytes(inner, 2, kept.Value);
                Bytes(inner, 5, "2026-01-02T03:04:05Z"u8.ToArray());
            }));
        }
        foreach (KademliaPeer peer in closer ?? [])
        {
            Bytes(output, 8, Peer(peer));
        }
        foreach (KademliaPeer peer in providers ?? [])
        {
            Bytes(output, 9, Peer(peer));
        }
        Number(output, 10, 1);
    });

    public static byte[] Peer(KademliaPeer peer) =>
        Peer(peer.Id.ToByteArray(), [.. peer.Addresses.Select(address => address.WithoutPeerId().ToByteArray())]);

    public static byte[] Peer(byte[]? id, params byte[][] addresses) => Message(output =>
    {
        // the order of fields is free
        foreach (byte[] address in addresses)
        {
            Bytes(output, 2, address);
        }
        if (id is not null)
        {
            Bytes(output, 1, id);
        }
        Number(output, 3, 1);
    });

    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            write(output);
        }
        return stream.ToArray();
    }

    public static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    public static void Number(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }

    /// <summary>A message with its length before it.</summary>
    public static byte[] Frame(byte[] message) => Message(output => output.WriteBytes(ByteString.CopyFrom(message)));
}
