using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia.Wire;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Protobuf;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Writes requests of the DHT and reads answers (libp2p specs, kad-dht/README.md, RPC messages).</summary>
internal static class KademliaCodec
{
    // the key, the time at which it was received, and fields that are no longer in use
    private const int MaxRecordOverhead = 1024;

    private static readonly ProtobufDialect _dialect = new(IsCanonical: false, (why, _) => Malformed(why));

    /// <summary>Returns a request with its length before it.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value to keep under it; empty where it is asked for.</param>
    public static byte[] EncodeRequest(KademliaRequest request, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value = default)
    {
        DhtMessage message = new() { Type = (int)request, Key = ByteString.CopyFrom(key) };
        if (!value.IsEmpty)
        {
            message.Record = new DhtRecord { Key = message.Key, Value = ByteString.CopyFrom(value) };
        }
        return Frame(message);
    }

    /// <summary>Returns the message ADD_PROVIDER with its length before it.</summary>
    /// <param name="key">What is provided: a multihash in binary.</param>
    /// <param name="provider">Who provides it: the peer that sends this, since others are not believed, and where it can be dialled.</param>
    public static byte[] EncodeProvider(ReadOnlySpan<byte> key, KademliaPeer provider)
    {
        DhtPeer peer = new() { Id = ByteString.CopyFrom(provider.Id.Bytes) };
        peer.Addrs.AddRange(provider.Addresses.Select(address => ByteString.CopyFrom(address.WithoutPeerId().Bytes)));
        return Frame(new DhtMessage { Type = (int)KademliaRequest.AddProvider, Key = ByteString.CopyFrom(key), ProviderPeers = { peer } });
    }

    private static byte[] Frame(DhtMessage message)
    {
        int size = message.CalculateSize();
        byte[] frame = new byte[Varint.Length((ulong)size) + size];
        message.WriteTo(frame.AsSpan(Varint.Write(frame, (ulong)size)));
        return frame;
    }

    /// <summary>Reads an answer. Peers and addresses that make no sense are left out, and so is what is over a limit.</summary>
    /// <param name="message">The message, without its length.</param>
    /// <param name="request">What was asked; the answer says the same.</param>
    /// <param name="reach">How far the address reaches at which the answering peer is: it may name those that <see cref="KademliaOptions.Rule"/> lets it.</param>
    /// <param name="options">The limits.</param>
    /// <exception cref="Libp2pException">ProtocolViolation: it is no protobuf message, or answers something else.</exception>
    /// <remarks>
    /// The peers are read one by one, not with the whole message: an answer of 4 MiB may hold two million empty ones, and only as many as the limits
    /// allow become objects, whether they make sense or not.
    /// </remarks>
    public static KademliaAnswer DecodeAnswer(ReadOnlySpan<byte> message, KademliaRequest request, AddressScope reach, KademliaOptions options)
    {
        List<KademliaPeer> closer = [];
        List<KademliaPeer> providers = [];
        int closerSeen = 0;
        int providersSeen = 0;
        ulong type = 0;
        DhtRecord? record = null;
        ProtobufReader reader = new(message, _dialect);
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (DhtMessage.TypeFieldNumber, ProtobufWireType.Varint):
                    type = reader.ReadVarint();
                    break;
                case (DhtMessage.RecordFieldNumber, ProtobufWireType.Bytes) when record is null:
                    ReadOnlySpan<byte> bytes = reader.ReadBytes();
                    record = bytes.Length <= options.MaxValueSize + MaxRecordOverhead ? Parse(DhtRecord.Parser, bytes, "the record in it") : null;
                    break;
                case (DhtMessage.CloserPeersFieldNumber, ProtobufWireType.Bytes) when closerSeen++ < options.MaxCloserPeersPerMessage:
                    AddPeer(closer, reader.ReadBytes(), reach, options);
                    break;
                case (DhtMessage.ProviderPeersFieldNumber, ProtobufWireType.Bytes) when providersSeen++ < options.MaxProvidersPerMessage:
                    AddPeer(providers, reader.ReadBytes(), reach, options);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        return type == (ulong)request
            ? new KademliaAnswer(closer, providers)
            {
                Value = record?.Value.Length <= options.MaxValueSize ? record.Value.Memory : default,
                ValueKey = record?.Key.Memory ?? default,
            }
            : throw Malformed($"it is of type {type}, and {(int)request} was asked");
    }

    /// <summary>Makes the error of an answer that is not what it should be.</summary>
    public static Libp2pException Malformed(string what, Exception? cause = null) =>
        new(Libp2pErrorIds.ProtocolViolation, $"The answer of the DHT peer is malformed: {what}.", cause);

    private static void AddPeer(List<KademliaPeer> peers, ReadOnlySpan<byte> message, AddressScope reach, KademliaOptions options)
    {
        DhtPeer peer = Parse(DhtPeer.Parser, message, "a peer in it");
        if (!PeerId.TryFromBytes(peer.Id.Span, out PeerId? id))
        {
            return;
        }
        List<Multiaddr> addresses = [];
        foreach (ByteString bytes in peer.Addrs)
        {
            if (addresses.Count == options.MaxAddressesPerPeer)
            {
                break;
            }
            if (Address(bytes.Span, id) is { } address && options.Rule.Admits(address, reach) && !addresses.Contains(address))
            {
                addresses.Add(address);
            }
        }
        peers.Add(new KademliaPeer(id, addresses) { Source = reach });
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> message, string what)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw Malformed($"{what} is no protobuf message", error);
        }
    }

    /// <summary>Returns an address with its peer's id at the end; null for one that is none, of a protocol unknown here, or another peer's.</summary>
    private static Multiaddr? Address(ReadOnlySpan<byte> bytes, PeerId id)
    {
        if (!Multiaddr.TryFromBytes(bytes, out Multiaddr? address))
        {
            return null;
        }
        if (address.Components[^1].Protocol == "p2p")
        {
            return id.Equals(address.PeerId) && address.Components.Count > 1 ? address : null;
        }
        return bytes.Length + id.Bytes.Length + 3 <= Multiaddr.MaxLength ? address.WithPeerId(id) : null;
    }
}
