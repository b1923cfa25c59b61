using System.Net;
using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Node.Abstractions;

/// <summary>
/// How a node finds providers of what its peers do not have. Each value is refused at construction when out of range. By default it asks none: no
/// router is named, and no peer of the DHT.
/// </summary>
public sealed record RoutingOptions
{
    private const int Kibi = 1024;
    private const int Mebi = 1024 * Kibi;
    private static readonly TimeSpan _minTime = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _maxTime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Servers to ask over HTTP, as <c>https://host</c>, with or without <c>/routing/v1</c> behind it; 0 to 16, none by default. With one, the node searches
    /// for providers of what its peers do not have, and dials them.
    /// </summary>
    public IReadOnlyList<Uri> Routers { get; init => field = Checked(value); } = [];

    /// <summary>
    /// Peers of the DHT to begin at, each address with <c>/p2p/</c> and an id; 0 to 256, none by default. With one, the node searches there, too. It never
    /// answers others' lookups.
    /// </summary>
    public IReadOnlyList<Multiaddr> DhtBootstrap { get; init => field = new KademliaOptions { BootstrapPeers = value }.BootstrapPeers; } = [];

    /// <summary>Gets the protocol of the DHT; 1 to 256 characters that begin with a slash, <c>/ipfs/kad/1.0.0</c> by default, the public network's.</summary>
    public string DhtProtocol { get; init => field = new KademliaOptions { ProtocolId = value }.ProtocolId; } = KademliaOptions.AminoProtocol;

    /// <summary>Gets how long one lookup in the DHT may take; 10 ms to 10 min, 1 min by default. What was found until then stands.</summary>
    public TimeSpan DhtQueryTimeout { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how long a router may say nothing, before its answer begins and within it; 10 ms to 10 min, 30 s by default.</summary>
    public TimeSpan RouterTimeout { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how often a router may send the question elsewhere; 0 to 10, 3 by default. Never from https to http.</summary>
    public int MaxRouterRedirects { get; init => field = InRange(value, 0, 10); } = 3;

    /// <summary>Bytes of one answer that are read; 1 KiB to 256 MiB, 4 MiB by default.</summary>
    public int MaxRouterAnswerBytes { get; init => field = InRange(value, Kibi, 256 * Mebi); } = 4 * Mebi;

    /// <summary>Records of one answer that are read, of whatever kind; 1 to 100 000, 1000 by default. The rest is left unread.</summary>
    public int MaxRouterRecords { get; init => field = InRange(value, 1, 100_000); } = 1000;

    /// <summary>Bytes of one line of an answer in lines; 256 to 4 MiB, 64 KiB by default. A longer one is left out.</summary>
    public int MaxRouterLineBytes { get; init => field = InRange(value, 256, 4 * Mebi); } = 64 * Kibi;

    /// <summary>Addresses of one provider that are kept; 1 to 256, 32 by default.</summary>
    public int MaxProviderAddresses { get; init => field = InRange(value, 1, 256); } = 32;

    /// <summary>
    /// Blocks above the one that is searched for, up to the root of its graph, whose providers are searched for, too, nearest first; 0 to 16, 4 by default. Where there are
    /// more, the root and the nearest are.
    /// </summary>
    public int AncestorsPerSearch { get; init => field = InRange(value, 0, 16); } = 4;

    /// <summary>Gets how long the search for one of them waits for the search for the one before it; 10 ms to 10 min, 1 s by default. It begins earlier where that has ended.</summary>
    public TimeSpan AncestorSearchDelay { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long such a search is not repeated for another block below the same one; 10 ms to 10 min, 30 s by default.</summary>
    public TimeSpan AncestorSearchMemory { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(30);

    /// <summary>Providers that one search of the node's own dials; 1 to 256, 20 by default.</summary>
    public int ProvidersPerSearch { get; init => field = InRange(value, 1, 256); } = 20;

    /// <summary>Providers that all of the node's own searches dial at once; 1 to 256, 8 by default.</summary>
    public int MaxProviderDials { get; init => field = InRange(value, 1, 256); } = 8;

    /// <summary>Addresses tried of one provider; 1 to 256, 8 by default.</summary>
    public int MaxDialsPerProvider { get; init => field = InRange(value, 1, 256); } = DialTerms.DefaultAttempts;

    /// <summary>
    /// Gets whether routers, and peers of the DHT, may give addresses of local networks and of this machine wherever they are themselves; false by default: one on this machine
    /// may give any, one in a local network those and public ones, one elsewhere public ones. For a private network whose router has a public address.
    /// </summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Gets whether public addresses that they give are dialled; true by default. False keeps a private network private.</summary>
    public bool AllowPublicAddresses { get; init; } = true;

    /// <summary>Which addresses may be dialled on their word.</summary>
    internal DialRule Rule => new() { AllowPrivate = AllowPrivateAddresses, AllowPublic = AllowPublicAddresses };

    /// <summary>Returns the terms on which a provider is dialled.</summary>
    internal DialTerms TermsOf(AddressScope source) => new(source, Rule, MaxDialsPerProvider);

    /// <summary>Gets how long one of these dials may take; 10 ms to 10 min, 5 s by default.</summary>
    public TimeSpan ProviderDialTimeout { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long the addresses of one provider may be looked up, where its record has none that can be dialled; 10 ms to 10 min, 5 s by default.</summary>
    public TimeSpan PeerLookupTimeout { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long what such a lookup found, or that it found nothing, is remembered; 10 ms to 10 min, 1 min by default.</summary>
    public TimeSpan PeerLookupMemory { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromMinutes(1);

    /// <summary>Providers whose addresses are looked up at once; 1 to 256, 8 by default.</summary>
    public int MaxPeerLookups { get; init => field = InRange(value, 1, 256); } = 8;

    /// <summary>
    /// Gets whether a domain in the place of a CID is looked up by DNSLink, so that name servers learn of it; false by default, when only Resolve-BitswapName asks them.
    /// </summary>
    public bool ResolveNames { get; init; }

    /// <summary>Gets the name server that is asked for DNSLink: an IP address with or without a port, or an empty text, the default, for those of the system.</summary>
    public string DnsServer { get; init => field = value.Length == 0 || IPEndPoint.TryParse(value, out _) ? value : throw new ArgumentException($"'{value}' is no IP address with or without a port.", nameof(DnsServer)); } = "";

    /// <summary>Valid records of a name from one source, of whose peers each gives one, that are enough; 1 to 256, 16 by default (IPFS specification, kad-dht, "Quorum").</summary>
    public int NameQuorum { get; init => field = InRange(value, 1, 256); } = 16;

    /// <summary>Gets how long other sources are waited for once one valid record of a name is there; 10 ms to 10 min, 5 s by default.</summary>
    public TimeSpan NameSettleTime { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(5);

    /// <summary>Names that one name may lead through to content; 1 to 128, 32 by default.</summary>
    public int MaxNameSteps { get; init => field = InRange(value, 1, 128); } = 32;

    /// <summary>Names of which it is remembered what they stand for; 0 to 65 536, 1024 by default.</summary>
    public int MaxCachedNames { get; init => field = InRange(value, 0, 65_536); } = 1024;

    /// <summary>Gets how long that is used at most, whatever the publisher of a name says; 10 ms to 1 day, 1 h by default.</summary>
    public TimeSpan MaxNameCacheTime { get; init => field = InRange(value, _minTime, TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets how long after the record of a name was published it is published again, with a new time until which it is valid; 0 to 1 day, 4 h by default, and half the time that it is valid where
    /// that is shorter. 0 publishes none again.
    /// </summary>
    public TimeSpan NameRepublishInterval { get; init => field = InRange(value, TimeSpan.Zero, TimeSpan.FromDays(1)); } = TimeSpan.FromHours(4);

    /// <summary>
    /// Gets which blocks the node announces in the DHT, when they are added or pinned and again every <see cref="ProvideInterval"/>; none by default. Who asks the DHT for one of them then
    /// learns the peer id and the addresses of the node. It needs <see cref="DhtBootstrap"/>.
    /// </summary>
    public ProvideStrategy Provide { get; init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Provide), value, $"{nameof(Provide)} must be one of {string.Join(", ", Enum.GetNames<ProvideStrategy>())}."); }

    /// <summary>
    /// Gets how long after a block was announced it is announced again; 1 h to 30 h, 22 h by default (Kubo, docs/config.md, Provide.DHT.Interval). Peers forget after 48 h (kad-dht, "Content provider
    /// advertisement"); after a node was stopped or could not announce, up to half as much more passes until each block has its turn again.
    /// </summary>
    public TimeSpan ProvideInterval { get; init => field = InRange(value, TimeSpan.FromHours(1), TimeSpan.FromHours(30)); } = TimeSpan.FromHours(22);

    /// <summary>Blocks that are announced, each of which takes about 48 bytes of memory, 80 while they are listed; 1 to 16 777 216, 1 048 576 by default. Of more, those listed last are left out.</summary>
    public int MaxProvideKeys { get; init => field = InRange(value, 1, 1 << 24); } = 1 << 20;

    /// <summary>Peers that are told of blocks at once, each over one stream; 1 to 256, 32 by default.</summary>
    public int MaxProvideStreams { get; init => field = InRange(value, 1, 256); } = 32;

    /// <summary>
    /// Gets where the node looks for peers, and is found by them; none by default. On the local network, who is on it learns the peer id of the node and the addresses of that network
    /// that it listens on.
    /// </summary>
    public PeerDiscovery Discover { get; init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Discover), value, $"{nameof(Discover)} must be one of {string.Join(", ", Enum.GetNames<PeerDiscovery>())}."); }

    /// <summary>
    /// Gets whether the node connects to peers that <see cref="Discover"/> finds, so that they are asked for blocks, and may ask; true by default. Where it does not, they are listed alone, and may connect
    /// to the node.
    /// </summary>
    public bool DialDiscovered { get; init; } = true;

    /// <summary>Gets the names of the network interfaces that <see cref="Discover"/> uses; 0 to 64, none by default, which is all.</summary>
    public IReadOnlyList<string> DiscoverOn { get; init => field = Names(value); } = [];

    /// <summary>Peers of the local network that are known at once; 1 to 65 536, 256 by default. Of more, those of whom one address tells most give way.</summary>
    public int MaxDiscoveredPeers { get; init => field = InRange(value, 1, 65_536); } = 256;

    private static string[] Names(IReadOnlyList<string> names, [CallerMemberName] string name = "")
    {
        ArgumentNullException.ThrowIfNull(names, name);
        return names.Count <= 64 && names.All(text => text is { Length: > 0 and <= 256 })
            ? [.. names]
            : throw new ArgumentException($"{name} must be 0 to 64 names of 1 to 256 characters.", name);
    }

    private static Uri[] Checked(IReadOnlyList<Uri> routers, [CallerMemberName] string name = "")
    {
        ArgumentNullException.ThrowIfNull(routers, name);
        if (routers.Count > 16)
        {
            throw new ArgumentOutOfRangeException(name, routers.Count, $"{name} must be 0 to 16.");
        }

        return routers.Select(RouterUri.Problem).OfType<string>().FirstOrDefault() is { } problem ? throw new ArgumentException(problem, name) : [.. routers];
    }

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : IComparable<T> =>
        value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min} to {max}.");
}

/// <summary>Which blocks a node announces. Peers that want a block below an announced root find it all the same: a search asks for the blocks above it, too.</summary>
public enum ProvideStrategy
{
    /// <summary>None.</summary>
    None,

    /// <summary>The roots: what is pinned, without the blocks below, and what was added or imported since the node was started.</summary>
    Roots,

    /// <summary>What is pinned, with all blocks below that are stored.</summary>
    Pinned,

    /// <summary>Every stored block.</summary>
    All,
}

/// <summary>Where a node looks for peers without being told of them.</summary>
public enum PeerDiscovery
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>On the local network, by multicast DNS.</summary>
    Lan,
}
