using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Protocols.AutoNat.Wire;
using Bitswap.Libp2p.Protocols.Identify;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Security.Noise;
using Bitswap.Libp2p.Security.Tls;
using Bitswap.Libp2p.Yamux;
using Google.Protobuf;

namespace Bitswap.Fuzz.Targets;

/// <summary>What a peer sends before and beside Bitswap.</summary>
internal static class Libp2pTargets
{
    private static readonly byte[] _secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly PeerId _self = PrivateKey.FromSeed(_secret).PeerId;
    private static readonly byte[] _noiseKey = PublicKeyOf(_secret);
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] _protocols = ["/noise", "/yamux/1.0.0", "/ipfs/bitswap/1.2.0"];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("yamux-header", [Libp2pErrorIds.ProtocolViolation], Header),
        new("yamux", [Libp2pErrorIds.ProtocolViolation, Libp2pErrorIds.LimitExceeded], Session),
        new("multistream", [Libp2pErrorIds.NegotiationFailed, Libp2pErrorIds.LimitExceeded, Libp2pErrorIds.ProtocolNotSupported], Negotiation)
        {
            Words = ["\u0013/multistream/1.0.0\n", "\u0007/noise\n", "\u0003na\n", "\u0003ls\n", "\u000d/yamux/1.0.0\n"],
        },
        new("noise-handshake", [Libp2pErrorIds.HandshakeFailed], Handshake),
        new("certificate", [Libp2pErrorIds.HandshakeFailed], certificate => PeerCertificate.Verify(certificate, _now)),
        new("noise-payload", [Libp2pErrorIds.HandshakeFailed], payload => NoisePayload.Verify(payload.Span, _noiseKey)),
        new("identify", [Libp2pErrorIds.ProtocolViolation], Identity),
        new("autonat", [Libp2pErrorIds.ProtocolViolation], AutoNat),
        new("mdns", [Libp2pErrorIds.ProtocolViolation], Multicast),
        new("kademlia", [Libp2pErrorIds.ProtocolViolation], Lookup),
        new("public-key", [Libp2pErrorIds.InvalidKey], key => FuzzFailureException.Unless(
            PublicKey.Decode(PublicKey.Decode(key.Span).Encode()).Equals(PublicKey.Decode(key.Span)), "It is encoded as another key.")),
        new("private-key", [Libp2pErrorIds.InvalidKey], key => PrivateKey.Decode(key.Span)),
    ];

    private static void Header(ReadOnlyMemory<byte> input)
    {
        byte[] bytes = new byte[YamuxHeader.Size];
        input.Span[..Math.Min(input.Length, bytes.Length)].CopyTo(bytes);
        byte[] written = new byte[YamuxHeader.Size];
        YamuxHeader.Read(bytes).Write(written);
        FuzzFailureException.Unless(written.AsSpan().SequenceEqual(bytes), "It is written as another header.");
    }

    /// <summary>The first byte says whether the other side dialled. A session that lives until the input ends has taken it.</summary>
    private static void Session(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        YamuxSession session = new(new InputChannel(input[1..]), (input.Span[0] & 1) == 0, YamuxOptions.Default, TimeProvider.System);
        session.RunAsync().GetAwaiter().GetResult();
        Libp2pException fault = session.Fault ?? throw new FuzzFailureException("The session ended and tells no fault.");
        session.DisposeAsync().AsTask().GetAwaiter().GetResult();
        FuzzFailureException.Unless(
            fault.InnerException is null or Libp2pException, $"{fault.InnerException?.GetType().Name} in the session: {fault.InnerException?.Message}");
        if (fault.ErrorId != Libp2pErrorIds.ConnectionClosed)
        {
            throw fault;
        }
    }

    /// <summary>The first byte says on which side the negotiation is.</summary>
    private static void Negotiation(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        InputChannel channel = new(input[1..]);
        ValueTask<string> agreed = (input.Span[0] & 1) == 0
            ? MultistreamSelect.AcceptAsync(channel, _protocols, null, CancellationToken.None)
            : MultistreamSelect.SelectAsync(channel, _protocols, CancellationToken.None);
        FuzzFailureException.Unless(_protocols.Contains(agreed.AsTask().GetAwaiter().GetResult()), "It agrees on what is not spoken.");
    }

    /// <summary>The first byte says how many messages have gone well.</summary>
    private static void Handshake(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        using NoiseKeyPair key = NoiseKeyPair.FromSecret(_secret);
        using NoiseHandshakeState initiator = new(true, key, key, []);
        using NoiseHandshakeState responder = new(false, key, key, []);
        byte[] buffer = new byte[ushort.MaxValue];
        byte[] payload = new byte[ushort.MaxValue];
        (NoiseHandshakeState to, NoiseHandshakeState from) = (responder, initiator);
        for (int i = 0; i < input.Span[0] % 3; i++)
        {
            int length = from.WriteMessage([], buffer);
            to.ReadMessage(buffer.AsSpan(0, length), payload);
            (to, from) = (from, to);
        }

        to.ReadMessage(input.Span[1..], payload);
    }

    private static void Identity(ReadOnlyMemory<byte> input)
    {
        IdentifyMessageOf(input);
        RemoteIdentity identity = IdentifyCodec.Merge(RemoteIdentity.Unknown, IdentifyMessageOf(input));
        FuzzFailureException.Unless(identity.AgentVersion?.Any(char.IsControl) != true, "A control character of a stranger is kept.");
    }

    private static Bitswap.Libp2p.Protocols.Identify.Wire.IdentifyMessage IdentifyMessageOf(ReadOnlyMemory<byte> input) =>
        IdentifyCodec.ReadAsync(new InputChannel(input).ReadAsync, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private static void AutoNat(ReadOnlyMemory<byte> input)
    {
        AutoNatFrames frames = new(new InputChannel(input).ReadAsync, static (_, _) => default, 8192);
        AutoNatMessage message = frames.ReadAsync(AutoNatMessage.Parser, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        FuzzFailureException.Unless(AutoNatMessage.Parser.ParseFrom(message.ToByteArray()).Equals(message), "It is written as another message.");
    }

    private static void Multicast(ReadOnlyMemory<byte> input)
    {
        if (DnsReader.TryRead(input.Span, out DnsMessage? message) is { } problem)
        {
            throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, problem);
        }

        FuzzFailureException.Unless(message!.Records.Count() + message.Questions.Count <= DnsMessage.MaxRecords, "More records are read than may be.");
        MdnsAgent agent = new(new MdnsOptions { Seed = 1 }, _self, "_p2p._udp.local", static () => []);
        LinkInterface link = new(new MachineInterface("eth0", 2, false, [new InterfaceAddress(IPAddress.Parse("192.168.1.7"), 24)]), AddressFamily.InterNetwork);
        agent.Follow([link], [IPAddress.Parse("192.168.1.7")], TimeSpan.Zero);
        agent.Handle(new MdnsPacket(link, new IPEndPoint(IPAddress.Parse("192.168.1.9"), MdnsAgent.Port), input), TimeSpan.Zero);
        agent.Tick(TimeSpan.FromSeconds(1));
        FuzzFailureException.Unless(
            agent.Read(TimeSpan.Zero, _now).All(peer => !peer.Peer.Equals(_self) && peer.Addresses.All(address => AddressScopes.Of(address) == AddressScope.Network)),
            "A host of the network gives an address that it may not.");
    }

    private static void Lookup(ReadOnlyMemory<byte> input)
    {
        KademliaOptions options = new();
        KademliaAnswer answer = KademliaFrame.ReadAsync(
            new InputChannel(input).ReadAsync,
            options.MaxMessageSize,
            message => KademliaCodec.DecodeAnswer(message.Span, KademliaRequest.GetProviders, AddressScope.Machine, options),
            CancellationToken.None).AsTask().GetAwaiter().GetResult();
        FuzzFailureException.Unless(answer.Closer.Count <= options.MaxCloserPeersPerMessage, "There are more peers than the limit.");
    }

    private static byte[] PublicKeyOf(byte[] secret)
    {
        byte[] key = new byte[32];
        X25519.PublicKey(secret, key);
        return key;
    }
}
