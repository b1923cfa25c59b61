using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Protocols.Mdns;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <content>Floods.</content>
public sealed partial class MdnsAgentTests
{
    [Fact]
    public void A_flood_of_questions_gets_an_answer_a_second()
    {
        MdnsAgent agent = Settled();
        int answers = 0;
        TimeSpan began = _now;
        for (int i = 0; i < 10_000; i++)
        {
            agent.Handle(Query(_lan, _neighbour), _now);
            agent.Tick(_now);
            answers += Sent(agent).Count(message => message.IsResponse);
            _now += TimeSpan.FromMilliseconds(1);
        }

        Assert.InRange(answers, 8, (int)(_now - began).TotalSeconds + 1);
        Assert.True(agent.Dropped > 5000, $"{agent.Dropped} of 10000 were dropped");
    }

    [Theory]
    [InlineData("192.168.1.66", true)]
    [InlineData("192.168.2.66", false)]
    [InlineData("8.8.8.8", false)]
    public void A_flood_of_one_sender_does_not_keep_others_from_being_heard(string sender, bool isCounted)
    {
        MdnsAgent agent = Agent();
        for (int i = 0; i < 2000; i++)
        {
            agent.Handle(Query(_lan, At(sender)), _now);
        }
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);

        Assert.Single(Peers(agent));
        Assert.Equal(isCounted ? 2000 - 128 : 0, agent.Dropped);
    }

    [Fact]
    public void A_flood_of_names_pushes_out_its_own()
    {
        MdnsAgent agent = Agent(new MdnsOptions { MaxPeers = 64, MaxPeersPerSource = 32, MaxPacketRate = 65_536 });
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        for (int i = 0; i < 2000; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            agent.Handle(Told(_lan, At($"192.168.1.{66 + (i % 4)}"), PrivateKey.Generate().PeerId, "/ip4/192.168.1.66/tcp/4001"), _now);
        }

        IReadOnlyList<DiscoveredPeer> peers = Peers(agent);
        Assert.Equal(64, peers.Count);
        Assert.Contains(peers, peer => peer.Peer.Equals(_other));
    }

    [Fact]
    public void A_flood_of_senders_does_not_push_out_who_came_before()
    {
        MdnsAgent agent = Agent(new MdnsOptions { MaxPeers = 8, MaxPacketRate = 65_536 });
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        for (int i = 20; i < 220; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            agent.Handle(Told(_lan, At($"192.168.1.{i}"), PrivateKey.Generate().PeerId, $"/ip4/192.168.1.{i}/tcp/4001"), _now);
        }

        IReadOnlyList<DiscoveredPeer> peers = Peers(agent);
        Assert.Equal(8, peers.Count);
        Assert.Contains(peers, peer => peer.Peer.Equals(_other));

        // one of those that tells of a second peer has that in the place of its first
        PeerId second = PrivateKey.Generate().PeerId;
        _now += TimeSpan.FromMilliseconds(1);
        agent.Handle(Told(_lan, At("192.168.1.20"), second, "/ip4/192.168.1.20/tcp/4002"), _now);
        Assert.Equal(
            [.. peers.Skip(2).Select(peer => peer.Peer).Prepend(_other).Append(second)],
            Peers(agent).Select(peer => peer.Peer));
    }
}
