using System.Buffers;
using System.Text;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Relay.Wire;
using Bitswap.Multiformats.Abstractions;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Makes and verifies the vouchers of reservations: what a relay signs of whom it serves until when (circuit-v2.md, "Reservation Vouchers"), in a signed envelope (RFC 0002).
/// </summary>
internal static class RelayVouchers
{
    // "multicodec code 0x0302", which go-libp2p and js-libp2p write as these two bytes and not as a varint
    private static readonly byte[] _payloadType = [0x03, 0x02];
    private static readonly byte[] _domain = Encoding.ASCII.GetBytes("libp2p-relay-rsvp");

    /// <summary>Returns a voucher that a relay signs.</summary>
    /// <param name="relay">The relay's key.</param>
    /// <param name="peer">Who holds the reservation.</param>
    /// <param name="expire">Until when, in seconds of UNIX time.</param>
    public static byte[] Seal(PrivateKey relay, PeerId peer, ulong expire)
    {
        byte[] payload = new ReservationVoucher
        {
            Relay = ByteString.CopyFrom(relay.PeerId.Bytes),
            Peer = ByteString.CopyFrom(peer.Bytes),
            Expiration = expire,
        }.ToByteArray();
        return new SignedEnvelope
        {
            PublicKey = ByteString.CopyFrom(relay.PublicKey.Encode()),
            PayloadType = ByteString.CopyFrom(_payloadType),
            Payload = ByteString.CopyFrom(payload),
            Signature = ByteString.CopyFrom(relay.Sign(Signed(payload))),
        }.ToByteArray();
    }

    /// <summary>Verifies that a relay signed a voucher for a peer.</summary>
    /// <param name="voucher">The envelope.</param>
    /// <param name="relay">Whose signature it has to bear.</param>
    /// <param name="peer">Whom it has to name.</param>
    /// <exception cref="Libp2pException">ProtocolViolation: it is no such voucher, another relay's, or another peer's.</exception>
    public static void Verify(ReadOnlySpan<byte> voucher, PeerId relay, PeerId peer)
    {
        SignedEnvelope envelope;
        ReservationVoucher read;
        PublicKey key;
        try
        {
            envelope = SignedEnvelope.Parser.ParseFrom(voucher);
            read = ReservationVoucher.Parser.ParseFrom(envelope.Payload);
            key = PublicKey.Decode(envelope.PublicKey.Span);
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or Libp2pException)
        {
            throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"The voucher of the relay {relay} is malformed: {error.Message}", error);
        }
        if (!envelope.PayloadType.Span.SequenceEqual(_payloadType))
        {
            throw Wrong(relay, "it is a record of another kind");
        }
        if (!key.PeerId.Equals(relay))
        {
            throw Wrong(relay, $"{key.PeerId} signed it");
        }
        if (!read.Relay.Span.SequenceEqual(relay.Bytes))
        {
            throw Wrong(relay, "it names another relay");
        }
        if (!read.Peer.Span.SequenceEqual(peer.Bytes))
        {
            throw Wrong(relay, "it names another peer than this host");
        }
        if (!key.Verify(Signed(envelope.Payload.Span), envelope.Signature.Span))
        {
            throw Wrong(relay, "its signature does not hold");
        }
    }

    private static Libp2pException Wrong(PeerId relay, string what) => new(Libp2pErrorIds.ProtocolViolation, $"The voucher of the relay {relay} is wrong: {what}.");

    // RFC 0002, "Signature Production / Validation"
    private static byte[] Signed(ReadOnlySpan<byte> payload)
    {
        ArrayBufferWriter<byte> signed = new(payload.Length + 32);
        Append(signed, _domain);
        Append(signed, _payloadType);
        Append(signed, payload);
        return signed.WrittenSpan.ToArray();
    }

    private static void Append(ArrayBufferWriter<byte> signed, ReadOnlySpan<byte> part)
    {
        signed.Advance(Varint.Write(signed.GetSpan(Varint.MaxLength), (ulong)part.Length));
        signed.Write(part);
    }
}
