using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>
/// Decides what is asked and answered on the local network and what is believed, without input, output or clock.
/// </summary>
/// <remarks>
/// On each link, the question who is there is asked at the start and after a change, after 1 s, 2 s, 4 s and so on up to <see cref="MdnsOptions.QueryInterval"/>. An answer is for all on the link: it
/// waits 20 to 120 ms for other questions, and the same is never sent twice within a second (RFC 6762 sections 5.2 and 6), so that no flood of questions makes a flood of answers. Questions and answers
/// count only from senders on the link, answers from port 5353 alone (section 11); so many are read a second, and of one sender no more than a quarter of them. Of what a peer tells, addresses that are names are left out, and those that its sender's own address does not
/// entitle it to give: a host of the network may give none of this machine, and none may give one of the internet, unless that is on this very link.
/// </remarks>
internal sealed class MdnsAgent
{
    /// <summary>The port of multicast DNS.</summary>
    public const int Port = 5353;

    /// <summary>The longest packet (RFC 6762 section 17).</summary>
    public const int MaxPacket = 9000;

    private const int Announcements = 2;
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private static readonly DialRule _rule = new() { AllowPublic = false };

    private readonly MdnsOptions _options;
    private readonly PeerId _self;
    private readonly Func<IEnumerable<Multiaddr>> _listened;
    private readonly Random _random;
    private readonly MdnsRecords _records;
    private readonly DiscoveredPeers _peers;
    private readonly Dictionary<LinkInterface, LinkState> _links = [];
    private readonly Queue<MdnsSend> _sends = new();
    private readonly Queue<PeerId> _heard = new();
    private HashSet<IPAddress> _own = [];

    /// <summary>Begins on no link.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="self">Who this host is.</param>
    /// <param name="service">The name of the service that all peers of its network have.</param>
    /// <param name="listened">Where it listens, with its peer id.</param>
    public MdnsAgent(MdnsOptions options, PeerId self, string service, Func<IEnumerable<Multiaddr>> listened)
    {
        _options = options;
        _self = self;
        _listened = listened;
        _random = options.Seed is { } seed ? new Random(seed) : new Random();
        Name = new string(_random.GetItems<char>("abcdefghijklmnopqrstuvwxyz0123456789", _random.Next(32, 64)));
        _records = new MdnsRecords(service, Name, options.RecordLifetime);
        _peers = new DiscoveredPeers(options);
    }

    /// <summary>Gets the name by which this peer's records go: no one learns anything from it.</summary>
    public string Name { get; }

    /// <summary>Gets how many packets were not read since they came too fast.</summary>
    public long Dropped { get; private set; }

    /// <summary>Gets how many packets were left out since they could not be read.</summary>
    public long Malformed { get; private set; }

    /// <summary>Gets when <see cref="Tick"/> has something to do; null for never.</summary>
    public TimeSpan? NextDeadline => _links.Count == 0 ? null : _links.Values.Min(state => state.NextDeadline);

    /// <summary>Takes in on which links it is, and which addresses this machine has.</summary>
    public void Follow(IReadOnlyList<LinkInterface> links, IEnumerable<IPAddress> own, TimeSpan now)
    {
        _own = [.. own];
        foreach (LinkInterface gone in _links.Keys.Where(known => links.FirstOrDefault(known.Equals) is not { } link || !link.HasAddressesOf(known)).ToArray())
        {
            _links.Remove(gone);
        }

        // on an interface that is in another network now, others are there
        _peers.Keep(_links.Keys);
        foreach (LinkInterface link in links.Where(link => !_links.ContainsKey(link)))
        {
            _links.Add(link, new LinkState(_options.MaxPacketRate, now));
        }
        foreach (LinkState state in _links.Values)
        {
            state.QueryStep = _second;
            state.NextQuery = LinkState.After(state.LastQuery, now + ShortWait());
            if (_options.Announce)
            {
                state.AnnouncementsLeft = Announcements;
                state.Due[(int)MdnsAnswer.Presence] = LinkState.After(state.Last[(int)MdnsAnswer.Presence], now + ShortWait());
            }
        }
    }

    /// <summary>Asks now, or as soon as a second has passed since it was asked last.</summary>
    public void Ask(TimeSpan now)
    {
        foreach (LinkState state in _links.Values)
        {
            state.QueryStep = _second;
            state.NextQuery = LinkState.After(state.LastQuery, now);
        }
    }

    /// <summary>Takes in a packet.</summary>
    public void Handle(MdnsPacket packet, TimeSpan now)
    {
        if (!_links.TryGetValue(packet.Link, out LinkState? state))
        {
            return;
        }
        bool isOwn = packet.Link.Interface.IsLoopback || _own.Contains(packet.Sender.Address);
        if (!isOwn && !packet.Link.IsOnLink(packet.Sender.Address))
        {
            return;
        }

        // on the loopback interface all have the same address
        if (!state.Rate.TryTake(packet.Link.Interface.IsLoopback ? null : packet.Sender.Address, now))
        {
            Dropped++;
            return;
        }
        if (DnsReader.TryRead(packet.Data.Span, out DnsMessage? message) is not null)
        {
            Malformed++;
        }
        else if (!message!.IsResponse)
        {
            Answer(message, state, now);
        }
        else if (packet.Sender.Port == Port)
        {
            Hear(message, packet, isOwn, now);
        }
    }

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        foreach ((LinkInterface link, LinkState state) in _links)
        {
            if (state.NextQuery <= now)
            {
                _sends.Enqueue(new MdnsSend(link, _records.Question));
                _peers.Expire(now);
                state.LastQuery = now;
                state.NextQuery = now + state.QueryStep;
                state.QueryStep = state.QueryStep + state.QueryStep < _options.QueryInterval ? state.QueryStep + state.QueryStep : _options.QueryInterval;
            }
            foreach (MdnsAnswer answer in Enum.GetValues<MdnsAnswer>())
            {
                if (state.Due[(int)answer] <= now)
                {
                    Send(answer, link, state, now);
                }
            }
        }
    }

    /// <summary>Says that this peer goes, where it said that it is there.</summary>
    public void Leave()
    {
        foreach (LinkInterface link in _links.Where(pair => pair.Value.Last[(int)MdnsAnswer.Presence] is not null).Select(pair => pair.Key))
        {
            _sends.Enqueue(new MdnsSend(link, _records.Goodbye));
        }
        _links.Clear();
    }

    /// <summary>Returns the next packet to send.</summary>
    public bool TryDequeueSend(out MdnsSend send) => _sends.TryDequeue(out send!);

    /// <summary>Returns who has told of itself since the last call.</summary>
    public bool TryDequeueHeard(TimeSpan now, DateTimeOffset started, out DiscoveredPeer peer)
    {
        while (_heard.TryDequeue(out PeerId? heard))
        {
            if (_peers.Find(heard, now, started) is { } found)
            {
                peer = found;
                return true;
            }
        }
        peer = null!;
        return false;
    }

    /// <summary>Returns the peers whose word holds.</summary>
    public IReadOnlyList<DiscoveredPeer> Read(TimeSpan now, DateTimeOffset started) => _peers.Read(now, started);

    private void Answer(DnsMessage question, LinkState state, TimeSpan now)
    {
        if (!_options.Announce)
        {
            return;
        }
        foreach (MdnsAnswer answer in _records.Asked(question))
        {
            state.Due[(int)answer] ??= LinkState.After(state.Last[(int)answer], now + ShortWait());
        }
    }

    private void Send(MdnsAnswer answer, LinkInterface link, LinkState state, TimeSpan now)
    {
        state.Due[(int)answer] = null;
        if (MdnsRecords.ToldOn(link, _listened()) is not { Count: > 0 } told)
        {
            return;
        }
        _sends.Enqueue(new MdnsSend(link, answer switch
        {
            MdnsAnswer.Presence => _records.Presence(told),
            MdnsAnswer.Details => _records.Answer(told),
            _ => _records.Services,
        }));
        state.Last[(int)answer] = now;
        if (answer == MdnsAnswer.Presence && --state.AnnouncementsLeft > 0)
        {
            state.Due[(int)answer] = now + _second;
        }
    }

    private void Hear(DnsMessage answer, MdnsPacket packet, bool isOwn, TimeSpan now)
    {
        IPAddress source = isOwn ? IPAddress.Loopback : packet.Sender.Address;
        AddressScope scope = isOwn ? AddressScope.Machine : AddressScope.Network;
        var told = _records.Read(answer, out IReadOnlyList<string> gone);
        foreach (string name in gone)
        {
            _peers.Forget(packet.Link, source, name);
        }
        foreach ((string name, PeerId peer, IReadOnlyList<Multiaddr> addresses, uint seconds) in told)
        {
            Multiaddr[] admitted = [.. addresses.Where(address => Admits(packet.Link, address, scope)).Take(_options.MaxAddressesPerPeer)];
            if (admitted.Length > 0 && !peer.Equals(_self))
            {
                _peers.Add(peer, new PeerSighting(packet.Link, source, scope, name, admitted, TimeSpan.FromSeconds(seconds)), now);
                _heard.Enqueue(peer);
            }
        }
    }

    private static bool Admits(LinkInterface link, Multiaddr address, AddressScope source) =>
        MdnsRecords.IpOf(address) is { IsIPv6LinkLocal: false } ip
        && (_rule.Admits(AddressScopes.Of(ip), source) || (AddressScopes.Of(ip) == AddressScope.World && link.Interface.Addresses.Any(own => own.IsOnLink(ip))));

    // RFC 6762 section 6
    private TimeSpan ShortWait() => TimeSpan.FromMilliseconds(_random.Next(20, 121));

    /// <summary>Represents what is to happen on one link.</summary>
    private sealed class LinkState(int packetRate, TimeSpan now)
    {
        public PacketRate Rate { get; } = new(packetRate, now);

        public TimeSpan NextQuery { get; set; } = now;

        public TimeSpan? LastQuery { get; set; }

        public TimeSpan QueryStep { get; set; } = _second;

        public int AnnouncementsLeft { get; set; }

        // by MdnsAnswer
        public TimeSpan?[] Due { get; } = new TimeSpan?[3];

        public TimeSpan?[] Last { get; } = new TimeSpan?[3];

        public TimeSpan NextDeadline => Due.OfType<TimeSpan>().Append(NextQuery).Min();

        /// <summary>Returns the time that was wanted, or a second after the same was done last.</summary>
        public static TimeSpan After(TimeSpan? last, TimeSpan wanted) => last is { } done && done + _second > wanted ? done + _second : wanted;
    }
}

/// <summary>Represents a packet to send to the group.</summary>
/// <param name="Link">Where.</param>
/// <param name="Data">What.</param>
internal sealed record MdnsSend(LinkInterface Link, byte[] Data);
