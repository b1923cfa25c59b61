using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Specifies how a <see cref="KademliaClient"/> looks things up. Every limit against abuse is named here; a value out of its range is refused where
/// it is set. Sources named below: go is go-libp2p-kad-dht, js is @libp2p/kad-dht 16.4.5.
/// </summary>
public sealed record KademliaOptions
{
    /// <summary>The DHT of the public IPFS network, named Amino (go, amino/defaults.go).</summary>
    public const string AminoProtocol = "/ipfs/kad/1.0.0";

    /// <summary>The DHT that IPFS nodes of one local network make among themselves (go, dual/dual.go).</summary>
    public const string LanProtocol = "/ipfs/lan/kad/1.0.0";

    /// <summary>The most bootstrap addresses.</summary>
    public const int MaxBootstrapPeers = 256;

    /// <summary>The most peers of an earlier run.</summary>
    public const int MaxRememberedPeers = 256;

    private const int MaxProtocolLength = 256;

    private static readonly TimeSpan _minWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _maxWait = TimeSpan.FromHours(1);

    /// <summary>
    /// Peers of the DHT to begin at while no better are known; each address with a peer id, several of one peer allowed, at most
    /// <see cref="MaxBootstrapPeers"/>. None by default: no peer is asked that was not named.
    /// </summary>
    /// <exception cref="ArgumentException">An address without a peer id.</exception>
    public IReadOnlyList<Multiaddr> BootstrapPeers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Count, MaxBootstrapPeers, nameof(BootstrapPeers));
            foreach (Multiaddr address in value)
            {
                if (address is null || address.PeerId is null)
                {
                    throw new ArgumentException($"A bootstrap address ends with /p2p/ and a peer id, and '{address}' does not.", nameof(BootstrapPeers));
                }
            }
            field = [.. value];
        }
    } = [];

    /// <summary>
    /// Peers that answered in an earlier run, as <see cref="KademliaClient.Contacts"/> had them; at most <see cref="MaxRememberedPeers"/>. Some of them are asked beside the bootstrap
    /// peers, while none that answered in this run is known; one that fails is forgotten. None by default.
    /// </summary>
    public IReadOnlyList<KademliaContact> RememberedPeers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Count, MaxRememberedPeers, nameof(RememberedPeers));
            field = [.. value];
        }
    } = [];

    /// <summary>Gets the protocol, and so the DHT, that is spoken; 1 to 256 characters that begin with a slash, default <see cref="AminoProtocol"/>.</summary>
    /// <exception cref="ArgumentException">It does not begin with a slash.</exception>
    public string ProtocolId
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrEmpty(value, nameof(ProtocolId));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxProtocolLength, nameof(ProtocolId));
            field = value[0] == '/' ? value : throw new ArgumentException($"A protocol begins with a slash, and '{value}' does not.", nameof(ProtocolId));
        }
    } = AminoProtocol;

    /// <summary>Peers asked at one time by one query, the specification's alpha; 1 to 64, default 10 (go, DefaultConcurrency; js, ALPHA; the specification's own is 3).</summary>
    public int Concurrency { get; init => field = InRange(value, 1, 64); } = 10;

    /// <summary>Gets how many of the closest peers must have answered for a query to look no further, beta; 1 to 64, default 3 (go, DefaultResiliency).</summary>
    public int Resiliency { get; init => field = InRange(value, 1, 64); } = 3;

    /// <summary>
    /// Gets the specification's k: the closest peers that a query ends with, the seeds that it begins with, and the peers kept for each distance;
    /// 1 to 256, default 20 (specification; go, DefaultBucketSize).
    /// </summary>
    public int BucketSize { get; init => field = InRange(value, 1, 256); } = 20;

    /// <summary>
    /// Gets the paths that one query takes, of which none asks a peer of another: a peer that lies leads astray the path that it is on. They share <see cref="Concurrency"/>;
    /// 1 to 16, default 4 (S/Kademlia, section 4.4, has 4 to 8; js, disjointPaths, 10; go has none). More ask more peers: 4 a quarter more than one, 10 twice as many.
    /// </summary>
    public int DisjointPaths { get; init => field = InRange(value, 1, 16); } = 4;

    /// <summary>
    /// Gets how many peers of one network (a /16 of IPv4, a /32 of IPv6) a path asks while it knows others, are among the closest that a query ends with where there are enough others,
    /// and are kept between queries; 1 to 256, default 3 (go, amino.DefaultMaxPeersPerIPGroup). Addresses that are not of the internet count for none.
    /// </summary>
    public int MaxPeersPerNetwork { get; init => field = InRange(value, 1, 256); } = 3;

    /// <summary>Gets how many peers of one such network are kept for each distance; 1 to 256, default 2 (go, amino.DefaultMaxPeersPerIPGroupPerCpl).</summary>
    public int MaxBucketPeersPerNetwork { get; init => field = InRange(value, 1, 256); } = 2;

    /// <summary>Gets how long one query may take; 1 ms to an hour, default 1 min (go, RefreshQueryTimeout). What was found until then is given.</summary>
    public TimeSpan QueryTimeout { get; init => field = InRange(value, _minWait, _maxWait); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how long connecting to one peer may take; 1 ms to an hour, default 10 s.</summary>
    public TimeSpan DialTimeout { get; init => field = InRange(value, _minWait, _maxWait); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long a connected peer may take to answer; 1 ms to an hour, default 10 s (go, dhtReadMessageTimeout; js, READ_MESSAGE_TIMEOUT).</summary>
    public TimeSpan RequestTimeout { get; init => field = InRange(value, _minWait, _maxWait); } = TimeSpan.FromSeconds(10);

    /// <summary>Peers asked by one query, all in all; 1 to 10000, default 256.</summary>
    public int MaxPeersAsked { get; init => field = InRange(value, 1, 10_000); } = 256;

    /// <summary>Peers that one query keeps in mind, the farthest forgotten first; 1 to 65536, default 1024.</summary>
    public int MaxPeersKnown { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Providers that one query gives before it ends; 1 to 65536, default 1024.</summary>
    public int MaxProviders { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Gets the largest answer read, in bytes; 64 to 16 MiB, default 4 MiB (go-libp2p, network.MessageSizeMax).</summary>
    public int MaxMessageSize { get; init => field = InRange(value, 64, 16 * 1024 * 1024); } = 4 * 1024 * 1024;

    /// <summary>Closer peers taken from one answer, the rest ignored; 1 to 1024, default 20, what the specification lets a peer tell.</summary>
    public int MaxCloserPeersPerMessage { get; init => field = InRange(value, 1, 1024); } = 20;

    /// <summary>Providers taken from one answer, the rest ignored; 1 to 65536, default 1024.</summary>
    public int MaxProvidersPerMessage { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Bytes of one value, larger ones ignored and not put; 1 to 1 MiB, default 10 KiB, the largest record of IPNS.</summary>
    public int MaxValueSize { get; init => field = InRange(value, 1, 1024 * 1024); } = 10 * 1024;

    /// <summary>Addresses kept of one peer, the rest ignored; 1 to 256, default 32.</summary>
    public int MaxAddressesPerPeer { get; init => field = InRange(value, 1, 256); } = 32;

    /// <summary>Addresses tried of one peer that another one gave; 1 to 256, default 8.</summary>
    public int MaxDialsPerPeer { get; init => field = InRange(value, 1, 256); } = DialTerms.DefaultAttempts;

    /// <summary>Gets which of the addresses that peers tell are taken.</summary>
    public DialRule Rule { get; init; } = DialRule.Default;

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }
}
