using Bitswap.Libp2p.Addresses;
using Bitswap.Multiformats;

namespace Bitswap.Libp2p.Kademlia;

/// <summary>The messages of the DHT (libp2p specs, kad-dht/README.md, RPC messages): requests are written, answers read.</summary>
internal static class KademliaCodec
{
    private const int TypeField = 1;
    private const int KeyField = 2;
    private const int CloserField = 8;
    private const int ProvidersField = 9;
    private const int PeerIdField = 1;
    private const int PeerAddressField = 2;

    private const byte TypeTag = TypeField << 3;
    private const byte KeyTag = (KeyField << 3) | 2;

    /// <summary>A request with its length before it.</summary>
    public static byte[] EncodeRequest(KademliaRequest request, ReadOnlySpan<byte> key)
    {
        int keyHead = 1 + Varint.Length((ulong)key.Length);
        int size = 2 + keyHead + key.Length;
        byte[] frame = new byte[Varint.Length((ulong)size) + size];
        int at = Varint.Write(frame, (ulong)size);
        frame[at++] = TypeTag;
        frame[at++] = (byte)request;
        frame[at++] = KeyTag;
        at += Varint.Write(frame.AsSpan(at), (ulong)key.Length);
        key.CopyTo(frame.AsSpan(at));
        return frame;
    }

    /// <summary>Reads an answer. Peers and addresses that make no sense are left out, and so is what is over a limit.</summary>
    /// <param name="message">The message, without its length.</param>
    /// <param name="request">What was asked; the answer says the same.</param>
    /// <param name="reach">How far the address reaches at which the answering peer is: it may name those that <see cref="KademliaOptions.Rule"/> lets it.</param>
    /// <param name="options">The limits.</param>
    /// <exception cref="Libp2pException">ProtocolViolation: it is no protobuf message, or answers something else.</exception>
    public static KademliaAnswer DecodeAnswer(ReadOnlySpan<byte> message, KademliaRequest request, AddressReach reach, KademliaOptions options)
    {
        List<KademliaPeer> closer = [];
        List<KademliaPeer> providers = [];
        ulong type = 0;
        ProtobufReader reader = new(message);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case TypeField when !reader.HasBytes:
                    type = reader.Number;
                    break;
                case CloserField when reader.HasBytes && closer.Count < options.MaxCloserPeersPerMessage:
                    AddPeer(closer, reader.Bytes, reach, options);
                    break;
                case ProvidersField when reader.HasBytes && providers.Count < options.MaxProvidersPerMessage:
                    AddPeer(providers, reader.Bytes, reach, options);
                    break;
            }
        }
        return type == (ulong)request
            ? new KademliaAnswer(closer, providers)
            : throw ProtobufReader.Malformed($"it is of type {type}, and {(int)request} was asked");
    }

    private static void AddPeer(List<KademliaPeer> peers, ReadOnlySpan<byte> message, AddressReach reach, KademliaOptions options)
    {
        PeerId? id = null;
        ProtobufReader reader = new(message);
        while (reader.Read())
        {
            if (reader.Field == PeerIdField && reader.HasBytes)
            {
                PeerId.TryFromBytes(reader.Bytes, out id);
            }
        }
        if (id is null)
        {
            return;
        }
        List<Multiaddr> addresses = [];
        reader = new ProtobufReader(message);
        while (addresses.Count < options.MaxAddressesPerPeer && reader.Read())
        {
            if (reader.Field == PeerAddressField && reader.HasBytes
                && Address(reader.Bytes, id) is { } address && options.Rule.Admits(address, reach) && !addresses.Contains(address))
            {
                addresses.Add(address);
            }
        }
        peers.Add(new KademliaPeer(id, addresses) { Source = reach });
    }

    /// <summary>An address with its peer's id at the end; null for one that is none, of a protocol unknown here, or another peer's.</summary>
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
