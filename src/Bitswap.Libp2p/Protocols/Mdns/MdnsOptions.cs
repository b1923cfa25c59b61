using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Specifies how peers are looked for on the local network, and the limits. Each value is refused at construction when out of range.</summary>
public sealed record MdnsOptions
{
    /// <summary>Gets whether this host tells of itself; where it does not, it only asks and listens. True by default.</summary>
    public bool Announce { get; init; } = true;

    /// <summary>Gets the names of the interfaces that are used; empty, the default, for all.</summary>
    public IReadOnlyList<string> Interfaces { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = [];

    /// <summary>Gets how many interfaces are used, each IP version of one counted by itself; 1 to 256, 32 by default.</summary>
    public int MaxInterfaces { get; init => field = InRange(value, 1, 256); } = 32;

    /// <summary>Gets how many peers are known at once; 1 to 65 536, 256 by default. For one more, one of the address that most peers were heard from gives way; of several such addresses, of the one that came last.</summary>
    public int MaxPeers { get; init => field = InRange(value, 1, 65_536); } = 256;

    /// <summary>Gets how many of them may have been heard from one address of the local network; 1 to 65 536, 32 by default. This machine's own count together.</summary>
    public int MaxPeersPerSource { get; init => field = InRange(value, 1, 65_536); } = 32;

    /// <summary>Gets how many addresses of one peer are kept of what one source says; 1 to 64, 8 by default.</summary>
    public int MaxAddressesPerPeer { get; init => field = InRange(value, 1, 64); } = 8;

    /// <summary>Gets how many packets are read a second on each interface, on the average; 16 to 65 536, 256 by default. Twice as many may come at once, and the others are dropped. One sender has a quarter of that.</summary>
    public int MaxPacketRate { get; init => field = InRange(value, 16, 65_536); } = 256;

    /// <summary>Gets how long after one question the next is asked when nothing changes; 1 s to 1 h, 1 min by default. The first ones come sooner.</summary>
    public TimeSpan QueryInterval { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets for how long peers keep what this host tells of itself; 10 s to 75 min, 2 min by default.</summary>
    public TimeSpan RecordLifetime { get; init => field = InRange(value, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(75)); } = TimeSpan.FromMinutes(2);

    /// <summary>Gets the name that all peers of a network go by; peers of a private network have one of their own.</summary>
    internal static string ServiceNameOf(SwarmKey? key) => key is null ? "_p2p._udp.local" : $"_p2p-{key.Fingerprint}._udp.local";

    /// <summary>Gets what a test puts in the place of sockets; it is given what to call with each packet.</summary>
    internal Func<Action<MdnsPacket>, IMulticastLink>? Link { get; init; }

    /// <summary>Gets the seed of waits and of the peer's name; null for a random one.</summary>
    internal int? Seed { get; init; }

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : IComparable<T> =>
        value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min} to {max}.");
}
