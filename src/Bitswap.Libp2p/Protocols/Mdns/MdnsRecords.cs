using System.Net;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Writes and reads what peers tell of themselves (libp2p specs, discovery/mdns.md).</summary>
/// <param name="service">The name of the service that all peers of a network have.</param>
/// <param name="name">The name of this peer, which means nothing.</param>
/// <param name="lifetime">How long what is told holds.</param>
internal sealed class MdnsRecords(string service, string name, TimeSpan lifetime)
{
    /// <summary>The name that all services are told under (RFC 6763 section 9).</summary>
    public const string AllServices = "_services._dns-sd._udp.local";

    // a packet stays whole on every link (RFC 6762 section 17)
    private const int MaxSent = 1400;

    // RFC 6763 section 6.1
    private const int MaxText = 255;

    // of one packet; a peer sends its own alone
    private const int MaxPeers = 4;

    private const string Prefix = "dnsaddr=";

    // DNS-SD has a port; peers read it in the addresses
    private const ushort Port = 4001;

    private readonly string _instance = $"{name}.{service}";
    private readonly string _host = $"{name}.p2p.local";
    private readonly uint _seconds = (uint)lifetime.TotalSeconds;

    /// <summary>Gets the question who is there.</summary>
    public byte[] Question => DnsWriter.Write(new DnsMessage(false, [new DnsQuestion(service, DnsType.Ptr)], [], []));

    /// <summary>Gets the answer to the question which services there are.</summary>
    public byte[] Services => DnsWriter.Write(new DnsMessage(true, [], [new DnsRecord(AllServices, DnsType.Ptr, _seconds) { Target = service }], []));

    /// <summary>Gets the word that this peer goes.</summary>
    public byte[] Goodbye => DnsWriter.Write(new DnsMessage(true, [], [new DnsRecord(service, DnsType.Ptr, 0) { Target = _instance }], []));

    /// <summary>Returns which of a host's addresses are told on a link: those that the interface itself has, so that what is told on one network is of no other.</summary>
    public static IReadOnlyList<Multiaddr> ToldOn(LinkInterface link, IEnumerable<Multiaddr> listened) =>
    [
        .. listened.Where(address => address.PeerId is not null && Prefix.Length + address.ToString().Length <= MaxText
            && IpOf(address) is { } ip && link.Interface.Addresses.Any(own => own.Address.Equals(ip))),
    ];

    /// <summary>Returns the answer to the question who is there.</summary>
    public byte[] Presence(IReadOnlyList<Multiaddr> addresses) =>
        Fit(addresses, told => new DnsMessage(true, [], [new DnsRecord(service, DnsType.Ptr, _seconds) { Target = _instance }], Details(told)));

    /// <summary>Returns the answer to a question about this peer by its name.</summary>
    public byte[] Answer(IReadOnlyList<Multiaddr> addresses) => Fit(addresses, told => new DnsMessage(true, [], Details(told), []));

    /// <summary>Returns what a question asks of this peer.</summary>
    public IEnumerable<MdnsAnswer> Asked(DnsMessage question)
    {
        foreach (DnsQuestion asked in question.Questions)
        {
            if (Is(asked.Name, service) && asked.Type is (DnsType.Ptr or DnsType.Any))
            {
                if (!question.Answers.Any(Knows))
                {
                    yield return MdnsAnswer.Presence;
                }
            }
            else if (Is(asked.Name, AllServices) && asked.Type is (DnsType.Ptr or DnsType.Any))
            {
                yield return MdnsAnswer.Services;
            }
            else if ((Is(asked.Name, _instance) && asked.Type is (DnsType.Srv or DnsType.Txt or DnsType.Any))
                || (Is(asked.Name, _host) && asked.Type is (DnsType.A or DnsType.Aaaa or DnsType.Any)))
            {
                yield return MdnsAnswer.Details;
            }
        }
    }

    /// <summary>Reads what peers tell of themselves.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="gone">The names of peers that go.</param>
    /// <returns>The others: under which name, who, where, and for how long.</returns>
    public IReadOnlyList<(string Name, PeerId Peer, IReadOnlyList<Multiaddr> Addresses, uint Seconds)> Read(DnsMessage answer, out IReadOnlyList<string> gone)
    {
        gone = [.. answer.Records.Where(IsGone).Select(record => record.Type == DnsType.Ptr ? record.Target! : record.Name).Take(MaxPeers)];
        List<(string, PeerId, IReadOnlyList<Multiaddr>, uint)> found = [];
        foreach (IGrouping<string, DnsRecord> told in answer.Records
            .Where(record => record.Type == DnsType.Txt && record.Seconds > 0 && IsInstance(record.Name))
            .GroupBy(record => record.Name, StringComparer.OrdinalIgnoreCase)
            .Take(MaxPeers))
        {
            Multiaddr[] addresses = [.. told.SelectMany(record => record.Texts!).Select(AddressOf).OfType<Multiaddr>().Where(address => address.PeerId is not null)];
            if (addresses is [{ PeerId: { } peer }, ..])
            {
                found.Add((told.Key, peer, [.. addresses.Where(address => peer.Equals(address.PeerId)).Distinct()], told.Min(record => record.Seconds)));
            }
        }
        return found;
    }

    /// <summary>Returns the IP address that an address begins with; null where it begins with a name.</summary>
    public static IPAddress? IpOf(Multiaddr address) =>
        address.Components[0] is { Protocol: "ip4" or "ip6", Value: { } text } && IPAddress.TryParse(text, out IPAddress? ip) ? ip : null;

    private static Multiaddr? AddressOf(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && Multiaddr.TryParse(text.AsSpan(Prefix.Length), out Multiaddr? address) && AddressTransports.IsDialable(address) ? address : null;

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    // the packet grows no faster than the addresses
    private static byte[] Fit(IReadOnlyList<Multiaddr> addresses, Func<IReadOnlyList<Multiaddr>, DnsMessage> make)
    {
        for (int count = Math.Min(addresses.Count, 16); ; count--)
        {
            byte[] packet = DnsWriter.Write(make([.. addresses.Take(count)]));
            if (packet.Length <= MaxSent || count <= 1)
            {
                return packet;
            }
        }
    }

    private bool IsInstance(string other) => other.Length > service.Length + 1 && other.EndsWith(service, StringComparison.OrdinalIgnoreCase) && other[^(service.Length + 1)] == '.';

    private bool IsGone(DnsRecord record) =>
        record.Seconds == 0 && ((record.Type == DnsType.Ptr && Is(record.Name, service) && IsInstance(record.Target!)) || (record.Type == DnsType.Txt && IsInstance(record.Name)));

    // RFC 6762 section 7.1
    private bool Knows(DnsRecord known) => known.Type == DnsType.Ptr && Is(known.Name, service) && Is(known.Target!, _instance) && known.Seconds >= _seconds / 2;

    // go-libp2p takes no peer without an address record
    private List<DnsRecord> Details(IReadOnlyList<Multiaddr> addresses)
    {
        IPAddress[] ips = [.. addresses.Select(IpOf).OfType<IPAddress>().Distinct()];
        return
        [
            new DnsRecord(_instance, DnsType.Txt, _seconds) { Texts = [.. addresses.Select(address => Prefix + address)], IsUnique = true },
            new DnsRecord(_instance, DnsType.Srv, _seconds) { Port = Port, Target = _host, IsUnique = true },
            .. ips.Select(ip => new DnsRecord(_host, ip.GetAddressBytes().Length == 4 ? DnsType.A : DnsType.Aaaa, _seconds) { Address = ip.GetAddressBytes(), IsUnique = true }),
        ];
    }
}

/// <summary>Specifies what a peer is asked.</summary>
internal enum MdnsAnswer
{
    /// <summary>Who is there.</summary>
    Presence,

    /// <summary>What it tells under its name.</summary>
    Details,

    /// <summary>Which services there are.</summary>
    Services,
}
