using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <summary>What is asked, answered and believed, without sockets and clock.</summary>
public sealed partial class MdnsAgentTests
{
    private const string Service = "_p2p._udp.local";
    private static readonly MachineInterface _wifi = FakeInterfaces.Of("wlan0", 3, "192.168.1.7/24");
    private static readonly LinkInterface _lan = new(_wifi, AddressFamily.InterNetwork);
    private static readonly LinkInterface _lo = new(FakeInterfaces.Loopback, AddressFamily.InterNetwork);
    private static readonly PeerId _self = PrivateKey.Generate().PeerId;
    private static readonly PeerId _other = PrivateKey.Generate().PeerId;
    private static readonly IPEndPoint _neighbour = At("192.168.1.9");
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private TimeSpan _now = TimeSpan.FromSeconds(100);

    [Fact]
    public void It_asks_at_the_start_and_ever_more_seldom()
    {
        MdnsAgent agent = Agent(new MdnsOptions { Announce = false });

        List<double> asked = [];
        TimeSpan began = _now;
        while (_now - began < TimeSpan.FromMinutes(5))
        {
            _now = agent.NextDeadline!.Value;
            agent.Tick(_now);
            asked.AddRange(Sent(agent).Where(message => !message.IsResponse).Select(_ => (_now - began).TotalSeconds));
        }

        Assert.InRange(asked[0], 0.02, 0.12);
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], asked.Skip(1).Zip(asked, (next, last) => Math.Round(next - last, 3)).Take(9));
    }

    [Fact]
    public void It_announces_itself_twice()
    {
        MdnsAgent agent = Agent();

        Assert.Equal(2, Answers(agent, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void An_answer_has_what_Kubo_and_js_libp2p_read()
    {
        MdnsAgent agent = Settled();
        agent.Handle(Query(_lan, _neighbour), _now);

        DnsMessage answer = Assert.Single(SentBy(agent, _second), message => message.IsResponse);

        // js-libp2p reads the last PTR among the answers; go-libp2p wants SRV, an address record of its host, and all addresses in one TXT
        Assert.Equal((DnsType.Ptr, Service, $"{agent.Name}.{Service}"), (answer.Answers[0].Type, answer.Answers[0].Name, Assert.Single(answer.Answers).Target));
        DnsRecord text = Assert.Single(answer.Additionals, record => record.Type == DnsType.Txt);
        Assert.Equal([$"dnsaddr=/ip4/192.168.1.7/tcp/4001/p2p/{_self}"], text.Texts);
        DnsRecord service = Assert.Single(answer.Additionals, record => record.Type == DnsType.Srv);
        Assert.Equal([192, 168, 1, 7], Assert.Single(answer.Additionals, record => record.Type == DnsType.A && record.Name == service.Target).Address);
        Assert.InRange(agent.Name.Length, 32, 63);
        Assert.DoesNotContain(_self.ToString(), agent.Name, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Only_what_is_of_a_link_is_told_there()
    {
        MdnsAgent agent = Agent(links: [_lan, _lo], listened: ["/ip4/192.168.1.7/tcp/4001", "/ip4/127.0.0.1/tcp/4001", "/ip4/10.9.9.9/tcp/4001", "/ip4/8.8.8.8/tcp/4001"]);

        _now += _second;
        agent.Tick(_now);

        Dictionary<LinkInterface, string[]> told = [];
        while (agent.TryDequeueSend(out MdnsSend send))
        {
            if (Read(send.Data) is { IsResponse: true } message)
            {
                told.Add(send.Link, [.. message.Additionals.Where(record => record.Type == DnsType.Txt).SelectMany(record => record.Texts!)]);
            }
        }
        Assert.Equal([$"dnsaddr=/ip4/192.168.1.7/tcp/4001/p2p/{_self}"], told[_lan]);
        Assert.Equal([$"dnsaddr=/ip4/127.0.0.1/tcp/4001/p2p/{_self}"], told[_lo]);
    }

    [Fact]
    public void One_that_listens_on_its_machine_alone_tells_the_network_nothing()
    {
        MdnsAgent agent = Agent(listened: ["/ip4/127.0.0.1/tcp/4001"]);
        agent.Handle(Query(_lan, _neighbour), _now);

        Assert.Equal(0, Answers(agent, TimeSpan.FromMinutes(1)));
        agent.Leave();
        Assert.False(agent.TryDequeueSend(out _));
    }

    [Fact]
    public void One_that_is_not_to_tell_does_not_answer()
    {
        MdnsAgent agent = Agent(new MdnsOptions { Announce = false });
        agent.Handle(Query(_lan, _neighbour), _now);

        Assert.Equal(0, Answers(agent, TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("192.168.2.9", "another network")]
    [InlineData("8.8.8.8", "the internet")]
    public void A_question_from_elsewhere_is_not_answered(string sender, string where)
    {
        MdnsAgent agent = Settled();
        agent.Handle(Query(_lan, At(sender)), _now);

        Assert.True(Answers(agent, _second) == 0, where);
    }

    [Fact]
    public void One_who_knows_the_answer_is_not_told_it()
    {
        MdnsAgent agent = Settled();
        DnsRecord known = new(Service, DnsType.Ptr, 100) { Target = $"{agent.Name}.{Service}" };
        agent.Handle(new MdnsPacket(_lan, _neighbour, DnsWriter.Write(new DnsMessage(false, [new DnsQuestion(Service, DnsType.Ptr)], [known], []))), _now);
        Assert.Equal(0, Answers(agent, _second));

        // it is forgotten soon
        agent.Handle(new MdnsPacket(_lan, _neighbour, DnsWriter.Write(new DnsMessage(false, [new DnsQuestion(Service, DnsType.Ptr)], [known with { Seconds = 59 }], []))), _now);
        Assert.Equal(1, Answers(agent, _second));
    }

    [Fact]
    public void Other_questions_of_service_discovery_are_answered()
    {
        MdnsAgent agent = Settled();
        agent.Handle(new MdnsPacket(_lan, _neighbour, DnsWriter.Write(new DnsMessage(
            false, [new DnsQuestion(MdnsRecords.AllServices, DnsType.Ptr), new DnsQuestion($"{agent.Name}.{Service}".ToUpperInvariant(), DnsType.Txt)], [], []))), _now);

        DnsMessage[] answers = [.. SentBy(agent, _second).Where(message => message.IsResponse)];

        Assert.Contains(answers, answer => answer.Answers is [{ Type: DnsType.Ptr, Target: Service }]);
        Assert.Contains(answers, answer => answer.Answers.Any(record => record.Type == DnsType.Txt));
    }

    [Theory]
    [InlineData("192.168.1.9", "/ip4/192.168.1.9/tcp/4001", true)]
    [InlineData("192.168.1.9", "/ip4/10.0.0.9/tcp/4001", true)]
    [InlineData("192.168.1.9", "/ip4/127.0.0.1/tcp/4001", false)]
    [InlineData("192.168.1.9", "/ip4/8.8.8.8/tcp/4001", false)]
    [InlineData("192.168.1.9", "/dns4/example.com/tcp/4001", false)]
    [InlineData("192.168.1.9", "/dns4/printer.local/tcp/4001", false)]
    [InlineData("192.168.1.9", "/ip4/192.168.1.9/udp/4001/quic-v1", false)]
    [InlineData("192.168.1.9", "/ip4/224.0.0.1/tcp/4001", false)]
    [InlineData("192.168.1.7", "/ip4/127.0.0.1/tcp/4001", true)]
    [InlineData("192.168.1.7", "/ip4/8.8.8.8/tcp/4001", false)]
    [InlineData("10.0.0.9", "/ip4/192.168.1.9/tcp/4001", false)]
    public void A_source_gives_only_what_its_own_address_entitles_it_to(string sender, string address, bool isTaken)
    {
        MdnsAgent agent = Agent();

        agent.Handle(Told(_lan, At(sender), _other, address), _now);

        Assert.Equal(isTaken, Peers(agent).Count == 1);
    }

    [Fact]
    public void An_address_of_the_internet_is_taken_where_it_is_on_the_link()
    {
        LinkInterface open = new(FakeInterfaces.Of("eth0", 2, "9.9.9.9/24"), AddressFamily.InterNetwork);
        MdnsAgent agent = Agent(links: [open]);

        agent.Handle(Told(open, At("9.9.9.8"), _other, "/ip4/9.9.9.8/tcp/4001", "/ip4/8.8.8.8/tcp/4001"), _now);

        Assert.Equal([$"/ip4/9.9.9.8/tcp/4001/p2p/{_other}"], Assert.Single(Peers(agent)).Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public void An_answer_from_another_port_is_no_word_of_a_responder()
    {
        MdnsAgent agent = Agent();
        agent.Handle(Told(_lan, new IPEndPoint(_neighbour.Address, 40_000), _other, "/ip4/192.168.1.9/tcp/4001"), _now);

        Assert.Empty(Peers(agent));
    }

    [Fact]
    public void Its_own_word_is_none_of_another_peer()
    {
        MdnsAgent agent = Agent();
        agent.Handle(Told(_lan, At("192.168.1.7"), _self, "/ip4/192.168.1.7/tcp/4001"), _now);

        Assert.Empty(Peers(agent));
    }

    [Fact]
    public void What_a_peer_tells_holds_as_long_as_it_says()
    {
        MdnsAgent agent = Agent();
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        DiscoveredPeer peer = Assert.Single(Peers(agent));
        Assert.Equal((_other, AddressScope.Network), (peer.Peer, peer.Source));
        Assert.Equal(["wlan0"], peer.Interfaces);

        _now += TimeSpan.FromSeconds(119);
        Assert.Single(Peers(agent));
        _now += _second;
        Assert.Empty(Peers(agent));
    }

    [Fact]
    public void One_that_says_goodbye_is_gone_and_another_cannot_say_it_for_it()
    {
        MdnsAgent agent = Agent();
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        byte[] goodbye = new MdnsRecords(Service, "other", TimeSpan.FromMinutes(2)).Goodbye;

        agent.Handle(new MdnsPacket(_lan, At("192.168.1.66"), goodbye), _now);
        Assert.Single(Peers(agent));
        agent.Handle(new MdnsPacket(_lan, _neighbour, goodbye), _now);
        Assert.Empty(Peers(agent));
    }

    [Fact]
    public void One_that_says_it_is_another_does_not_take_its_place()
    {
        MdnsAgent agent = Agent();
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        for (int i = 20; i < 60; i++)
        {
            agent.Handle(Told(_lan, At($"192.168.1.{i}"), _other, $"/ip4/192.168.1.{i}/tcp/4001"), _now);
            _now += TimeSpan.FromMilliseconds(10);
            agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        }

        Assert.Contains(Assert.Single(Peers(agent)).Addresses, address => address.ToString().StartsWith("/ip4/192.168.1.9/", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_one_peer_a_few_addresses_are_kept()
    {
        MdnsAgent agent = Agent();
        agent.Handle(Told(_lan, _neighbour, _other, [.. Enumerable.Range(1, 14).Select(port => $"/ip4/192.168.1.9/tcp/{port}")]), _now);

        Assert.Equal(8, Assert.Single(Peers(agent)).Addresses.Count);
    }

    [Fact]
    public void In_another_network_it_asks_and_tells_anew_and_forgets_who_was_there()
    {
        MdnsAgent agent = Settled();
        agent.Handle(Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001"), _now);
        LinkInterface home = new(FakeInterfaces.Of("wlan0", 3, "10.1.1.7/24"), AddressFamily.InterNetwork);

        agent.Follow([home], [IPAddress.Parse("10.1.1.7")], _now);

        Assert.Empty(Peers(agent));
        Assert.Contains(SentBy(agent, _second), message => !message.IsResponse);
    }

    [Fact]
    public void It_says_goodbye_where_it_was_told_of()
    {
        MdnsAgent agent = Settled();
        agent.Leave();

        DnsMessage goodbye = Assert.Single(Sent(agent));

        // js-libp2p takes whatever has a TXT record for a peer that is there
        Assert.Equal((0u, $"{agent.Name}.{Service}"), (Assert.Single(goodbye.Answers).Seconds, goodbye.Answers[0].Target));
        Assert.Empty(goodbye.Additionals);
    }

    [Fact]
    public void Packets_of_any_kind_do_not_break_it() => Seeded.Run(random =>
    {
        MdnsAgent agent = Agent(new MdnsOptions { MaxPacketRate = 65_536 });
        byte[] whole = Told(_lan, _neighbour, _other, "/ip4/192.168.1.9/tcp/4001").Data.ToArray();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] packet = [.. whole];
            for (int j = random.Next(1, 8); j > 0; j--)
            {
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            }
            agent.Handle(new MdnsPacket(_lan, _neighbour, packet.AsMemory(0, random.Next(packet.Length + 1))), _now);
            _now += TimeSpan.FromMilliseconds(1);
            agent.Tick(_now);
            _ = Sent(agent).Count();
        }

        Assert.True(agent.Malformed > 5000, $"{agent.Malformed} of 20000 were malformed");
        Assert.All(Peers(agent).SelectMany(peer => peer.Addresses), address => Assert.Equal(AddressScope.Network, AddressScopes.Of(address)));
    });

    private static IPEndPoint At(string ip) => new(IPAddress.Parse(ip), MdnsAgent.Port);

    private static MdnsPacket Query(LinkInterface link, IPEndPoint sender) => new(link, sender, new MdnsRecords(Service, "other", TimeSpan.FromMinutes(2)).Question);

    private static MdnsPacket Told(LinkInterface link, IPEndPoint sender, PeerId peer, params string[] addresses) =>
        new(link, sender, new MdnsRecords(Service, "other", TimeSpan.FromMinutes(2)).Presence([.. addresses.Select(address => Multiaddr.Parse($"{address}/p2p/{peer}"))]));

    private static DnsMessage Read(byte[] packet)
    {
        Assert.InRange(packet.Length, 12, 1400);
        Assert.Null(DnsReader.TryRead(packet, out DnsMessage? message));
        return message!;
    }

    private static IEnumerable<DnsMessage> Sent(MdnsAgent agent)
    {
        while (agent.TryDequeueSend(out MdnsSend send))
        {
            yield return Read(send.Data);
        }
    }

    private MdnsAgent Agent(MdnsOptions? options = null, LinkInterface[]? links = null, string[]? listened = null)
    {
        LinkInterface[] all = links ?? [_lan];
        string[] addresses = listened ?? ["/ip4/192.168.1.7/tcp/4001", "/ip4/127.0.0.1/tcp/4001"];
        MdnsAgent agent = new((options ?? new MdnsOptions()) with { Seed = 7 }, _self, Service, () => addresses.Select(address => Multiaddr.Parse(address).WithPeerId(_self)));
        agent.Follow(all, all.SelectMany(link => link.Interface.Addresses).Select(own => own.Address), _now);
        return agent;
    }

    // one that has announced itself and waits
    private MdnsAgent Settled()
    {
        MdnsAgent agent = Agent();
        _ = SentBy(agent, TimeSpan.FromSeconds(10)).Count();
        return agent;
    }

    private List<DnsMessage> SentBy(MdnsAgent agent, TimeSpan time)
    {
        List<DnsMessage> sent = [];
        TimeSpan end = _now + time;
        while (agent.NextDeadline is { } next && next <= end)
        {
            _now = next;
            agent.Tick(_now);
            sent.AddRange(Sent(agent));
        }
        _now = end;
        return sent;
    }

    private int Answers(MdnsAgent agent, TimeSpan time) => SentBy(agent, time).Count(message => message.IsResponse);

    private IReadOnlyList<DiscoveredPeer> Peers(MdnsAgent agent) => agent.Read(_now, DateTimeOffset.UnixEpoch);
}
