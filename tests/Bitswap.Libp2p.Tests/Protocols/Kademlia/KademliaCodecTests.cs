using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Protocols.Kademlia.KademliaMessages;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaCodecTests
{
    private static readonly KademliaOptions _options = new();
    private static readonly PeerId _id = KademliaPeers.Id(1);
    private static readonly Multiaddr _plain = Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001");

    [Fact]
    public void Requests_are_these_bytes()
    {
        Assert.Equal("07" + "0803" + "1203" + "010203", Convert.ToHexStringLower(KademliaCodec.EncodeRequest(KademliaRequest.GetProviders, [1, 2, 3])));
        Assert.Equal("07" + "0804" + "1203" + "010203", Convert.ToHexStringLower(KademliaCodec.EncodeRequest(KademliaRequest.FindNode, [1, 2, 3])));
        // 130 bytes of key take a length of two bytes, and so does the message
        byte[] frame = KademliaCodec.EncodeRequest(KademliaRequest.FindNode, new byte[130]);
        Assert.Equal("8701" + "0804" + "128201", Convert.ToHexStringLower(frame.AsSpan(0, 7)));
        Assert.Equal(2 + 135, frame.Length);
    }

    [Fact]
    public void An_answer_is_read()
    {
        KademliaAnswer answer = Decode(Answer(
            KademliaRequest.GetProviders, [KademliaPeers.Peer(1), KademliaPeers.Peer(2)], [KademliaPeers.Peer(3)], [0x12, 0x20]));

        Assert.Equal([KademliaPeers.Id(1), KademliaPeers.Id(2)], answer.Closer.Select(peer => peer.Id));
        Assert.Equal([KademliaPeers.Address(2)], answer.Closer[1].Addresses);
        KademliaPeer provider = Assert.Single(answer.Providers);
        Assert.Equal(KademliaPeers.Id(3), provider.Id);
        Assert.Equal([KademliaPeers.Address(3)], provider.Addresses);
    }

    [Fact]
    public void An_answer_of_these_bytes_is_read()
    {
        // as the specification numbers them: type, closerPeers { id, addrs, connection }
        byte[] message = Convert.FromHexString("0804" + "4230" + "0a22" + "1220" + new string('a', 64) + "1208" + "04c0000201" + "060fa1" + "1801");

        KademliaPeer peer = Assert.Single(Decode(message, KademliaRequest.FindNode).Closer);

        Assert.Equal("1220" + new string('a', 64), Convert.ToHexStringLower(peer.Id.Bytes));
        Assert.Equal([_plain.WithPeerId(peer.Id)], peer.Addresses);
    }

    [Fact]
    public void An_answer_cut_anywhere_is_refused_or_says_less()
    {
        byte[] message = Answer(KademliaRequest.GetProviders, [KademliaPeers.Peer(1)], [KademliaPeers.Peer(2)]);
        HashSet<int> ends = [];
        for (int length = 0; length < message.Length; length++)
        {
            try
            {
                Decode(message[..length]);
                ends.Add(length);
            }
            catch (Libp2pException error)
            {
                Assert.Equal(Libp2pErrorIds.ProtocolViolation, error.ErrorId);
            }
        }

        // after the type, each of the peers, and nowhere else
        Assert.Equal(3, ends.Count);
        Assert.DoesNotContain(message.Length - 1, ends);
    }

    [Fact]
    public void Bytes_by_chance_are_read_or_refused() => Seeded.Run(2000, random =>
    {
        byte[] message = Answer(KademliaRequest.GetProviders, [KademliaPeers.Peer(1)], [KademliaPeers.Peer(2), KademliaPeers.Peer(3)]);
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            message[random.Next(message.Length)] = (byte)random.Next(256);
        }
        try
        {
            Decode(message);
        }
        catch (Libp2pException error)
        {
            Assert.Equal(Libp2pErrorIds.ProtocolViolation, error.ErrorId);
        }
    });

    [Theory]
    [InlineData("0803" + "00", "a field without a number")]
    [InlineData("0803" + "0b", "a group")]
    [InlineData("0803" + "0e", "wire type 6")]
    [InlineData("0803" + "42ffffffffffffffffff01", "a length of 2^64-1")]
    [InlineData("0803" + "4201", "a peer that is cut off")]
    [InlineData("0803" + "42020a05", "a peer id that is cut off")]
    [InlineData("0803" + "70ffffffffffffffffffff01", "a number of eleven bytes")]
    [InlineData("0803" + "6500", "a fixed number that is cut off")]
    [InlineData("", "no type")]
    [InlineData("0804", "another type")]
    public void What_is_no_answer_to_the_request_is_refused(string hex, string what)
    {
        Libp2pException error = Assert.Throws<Libp2pException>(() => Decode(Convert.FromHexString(hex)));

        Assert.True(error.ErrorId == Libp2pErrorIds.ProtocolViolation, what);
    }

    [Fact]
    public void Fields_that_are_unknown_or_of_another_kind_are_skipped()
    {
        byte[] message = Convert.FromHexString("0803" + "4001" + "7a0161" + "6500000000" + "690000000000000000" + "4803" + "1a00");

        KademliaAnswer answer = Decode(message);

        Assert.Empty(answer.Closer);
        Assert.Empty(answer.Providers);
    }

    [Fact]
    public void Peers_without_a_valid_id_are_left_out_and_the_others_stay()
    {
        KademliaAnswer answer = Decode(Message(output =>
        {
            Number(output, 1, (int)KademliaRequest.GetProviders);
            Bytes(output, 8, Peer([1, 2, 3], _plain.ToByteArray()));
            Bytes(output, 8, Peer((byte[]?)null, _plain.ToByteArray()));
            Bytes(output, 8, []);
            Bytes(output, 8, Peer(_id.ToByteArray(), _plain.ToByteArray()));
        }));

        Assert.Equal(_id, Assert.Single(answer.Closer).Id);
    }

    [Fact]
    public void Addresses_that_make_no_sense_are_left_out()
    {
        Multiaddr relayed = Multiaddr.Parse($"/ip4/192.0.2.1/tcp/4001/p2p/{KademliaPeers.Id(2)}/p2p-circuit");
        KademliaPeer peer = DecodeOne(Peer(
            _id.ToByteArray(),
            [],
            [0xff, 0xff, 0x03],
            [4, 192, 0, 2],
            _plain.WithPeerId(KademliaPeers.Id(2)).ToByteArray(),
            Multiaddr.Parse($"/p2p/{_id}").ToByteArray(),
            _plain.ToByteArray(),
            _plain.WithPeerId(_id).ToByteArray(),
            relayed.ToByteArray()));

        Assert.Equal([_plain.WithPeerId(_id), relayed.WithPeerId(_id)], peer.Addresses);
    }

    [Fact]
    public void An_address_that_is_too_long_with_its_peer_id_is_left_out()
    {
        Multiaddr longest = Multiaddr.Parse("/ip4/192.0.2.1/tcp/1");
        while (longest.Bytes.Length + 7 <= Multiaddr.MaxLength)
        {
            longest = longest.Encapsulate(Multiaddr.Parse("/ip4/1.2.3.4/ws"));
        }

        Assert.Empty(DecodeOne(Peer(_id.ToByteArray(), longest.ToByteArray())).Addresses);
    }

    [Fact]
    public void A_peer_without_addresses_is_a_peer() => Assert.Empty(DecodeOne(Peer(_id.ToByteArray())).Addresses);

    [Fact]
    public void What_is_over_a_limit_is_left_out()
    {
        KademliaOptions options = new() { MaxCloserPeersPerMessage = 2, MaxProvidersPerMessage = 3, MaxAddressesPerPeer = 4 };
        KademliaPeer many = new(KademliaPeers.Id(9), [.. Enumerable.Range(1, 9).Select(port => KademliaPeers.Address(9, port))]);
        IEnumerable<KademliaPeer> peers = Enumerable.Range(1, 8).Select(KademliaPeers.Peer);

        KademliaAnswer answer = KademliaCodec.DecodeAnswer(
            Answer(KademliaRequest.GetProviders, [many, .. peers], [many, .. peers]), KademliaRequest.GetProviders, AddressScope.Network, options);

        Assert.Equal(2, answer.Closer.Count);
        Assert.Equal(3, answer.Providers.Count);
        Assert.Equal(many.Addresses.Take(4), answer.Closer[0].Addresses);
    }

    [Theory]
    [InlineData("World", 1)]
    [InlineData("Network", 2)]
    [InlineData("Machine", 3)]
    public void A_peer_far_away_names_no_address_that_is_near(string reach, int taken)
    {
        string[] addresses = ["/ip4/8.8.8.8/tcp/1", "/ip4/192.168.1.1/tcp/1", "/ip4/127.0.0.1/tcp/1"];
        byte[] message = Message(output =>
        {
            Number(output, 1, (int)KademliaRequest.GetProviders);
            Bytes(output, 9, Peer(_id.ToByteArray(), [.. addresses.Select(address => Multiaddr.Parse(address).ToByteArray())]));
        });

        KademliaPeer provider = Assert.Single(KademliaCodec.DecodeAnswer(message, KademliaRequest.GetProviders, Enum.Parse<AddressScope>(reach), _options).Providers);

        Assert.Equal(addresses.Take(taken), provider.Addresses.Select(address => address.WithoutPeerId().ToString()));
    }

    [Fact]
    public void Millions_of_empty_peers_are_no_work_for_the_collector()
    {
        byte[] message = new byte[2 + (2 * 500_000)];
        message.AsSpan().Fill(0);
        message[0] = 0x08;
        message[1] = 0x03;
        for (int i = 2; i < message.Length; i += 2)
        {
            message[i] = 0x42;
        }

        // the least of several: what .NET itself allocates for code that grows hot falls on some of them
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            KademliaAnswer answer = Decode(message);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Empty(answer.Closer);
        }

        // as many as the limit allows become objects of some 200 bytes
        Assert.InRange(least, 0, 512 * _options.MaxCloserPeersPerMessage);
    }

    private static KademliaAnswer Decode(byte[] message, KademliaRequest request = KademliaRequest.GetProviders) =>
        KademliaCodec.DecodeAnswer(message, request, AddressScope.Network, _options);

    private static KademliaPeer DecodeOne(byte[] peer) => Assert.Single(Decode(Message(output =>
    {
        Number(output, 1, (int)KademliaRequest.GetProviders);
        Bytes(output, 8, peer);
    })).Closer);
}
